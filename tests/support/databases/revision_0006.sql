BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
CREATE TABLE audit_entries (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	person_id VARCHAR(32) NOT NULL, 
	step VARCHAR(32) NOT NULL, 
	from_state VARCHAR(32), 
	to_state VARCHAR(32) NOT NULL, 
	data TEXT NOT NULL, 
	previous_hash VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_entries PRIMARY KEY (id), 
	CONSTRAINT fk_audit_entries_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id), 
	CONSTRAINT uq_audit_entries_case_id_seq UNIQUE (case_id, seq)
);
INSERT INTO "audit_entries" VALUES(1,1,1,'2026-11-02 01:00:00.000000','U0CHEN','report',NULL,'triage','{"attachments":[{"id":"F1","name":"photo of the token.png"},{"id":"F2","name":"截图.png"}],"channel":"phone","contact":"Xu Mei 许梅","contact_way":"138 0000 0000","customer":"Binhai Port Clearance 滨海口岸通关中心","description":"It ends next week.\n下周到期。","found_at":"2026-11-02T00:50:00+00:00","papers":[{"hash":"b8cf2cd58b3dc2769dacecaa7f18029967083c0f633f0e01e1eeea3b3567f54e","paper":"case","status":"recorded","version":1}],"product":"Port Exchange 口岸数据交换平台","source":"customer","summary":"How do I renew the USB certificate? 数字证书如何续期?","suspected_urgency":"low","version":"V1.8"}','','d42991a0a7716c0d07b9f2bcb17a23590b13a56ac71fd1d892f463872a5369a5');
INSERT INTO "audit_entries" VALUES(2,1,2,'2026-11-02 01:20:00.000000','U0LIN','triage','triage','answering','{"is_fault":"no","is_requirement":"no"}','d42991a0a7716c0d07b9f2bcb17a23590b13a56ac71fd1d892f463872a5369a5','7da3dc62f0e334d5c2fb359e994c0974fd399fd3b339a8a719c9c260e58a99b8');
INSERT INTO "audit_entries" VALUES(3,1,3,'2026-11-02 02:00:00.000000','U0CHEN','answer','answering','answer_confirming','{"answer":"Plug it in and press Renew 插入后点续期","category":"certificate","effort_hours":0.5,"papers":[{"hash":"2970d2cad07c0e915cc71d9272c309e3d521d082c976752ac1447a1c8d8035c8","paper":"T01","status":"recorded","version":1}]}','7da3dc62f0e334d5c2fb359e994c0974fd399fd3b339a8a719c9c260e58a99b8','186c4245be2851a375d79de4569c6683651ba2f0d5d05075f1c4027122abafd8');
INSERT INTO "audit_entries" VALUES(4,1,4,'2026-11-02 02:30:00.000000','U0CHEN','record_verdict','answer_confirming','closed','{"evidence":"Phone 电话","papers":[{"hash":"a397d3dcf47b854e50301a937d6cd9a9fa668aebdc302c50650d2fd199a87fc2","paper":"T01","status":"recorded","version":2}],"satisfied":"yes","score":"5"}','186c4245be2851a375d79de4569c6683651ba2f0d5d05075f1c4027122abafd8','f3bdd96aa564f4c0e965d7af2847d772590b764bacda0f16a48ed440cc3f17fc');
INSERT INTO "audit_entries" VALUES(5,2,1,'2026-11-05 02:00:00.000000','U0CHEN','report',NULL,'triage','{"channel":"phone","contact":"Tang Bo 唐波","contact_way":"138 0000 0000","customer":"Lingnan City Bank 岭南城市银行","description":"The authorities ask for OFD.\n监管要求报送OFD格式。","found_at":"2026-11-05T01:50:00+00:00","papers":[{"hash":"2bf555ac3caf0da006b2c1d77ceb32afcce2c0f2ec9b14e51a9e49487db48374","paper":"case","status":"recorded","version":1}],"product":"Report Center 报表中心","source":"customer","summary":"Export reports as OFD 报表导出为OFD格式","version":"V4.0"}','','5e8a49b4ba64196b201a9bc541d428ad542e77b9ba5d456698bfcab80eb54ee0');
INSERT INTO "audit_entries" VALUES(6,2,2,'2026-11-05 02:30:00.000000','U0LIN','triage','triage','sheet_drafting','{"is_requirement":"yes","new_business":"OFD"}','5e8a49b4ba64196b201a9bc541d428ad542e77b9ba5d456698bfcab80eb54ee0','f11cdc5517030fa046d47ccc6281d5766d705f06bcb7a079aa4cadf8bdd5a4a6');
INSERT INTO "audit_entries" VALUES(7,2,3,'2026-11-05 03:00:00.000000','U0CHEN','draft_sheet','sheet_drafting','sheet_signing','{"current_gap":"Only PDF 只有PDF","new_business":"OFD","papers":[{"hash":"3894068897988c05e185e0e109cc366363e1740cf6ab89e5ce255668a12581fe","paper":"T03","status":"submitted","version":1}]}','f11cdc5517030fa046d47ccc6281d5766d705f06bcb7a079aa4cadf8bdd5a4a6','536f27527aed7e479ff6d8f212c04cd993664077459748544b43d4eeb02f7426');
INSERT INTO "audit_entries" VALUES(8,2,4,'2026-11-05 03:30:00.000000','U0HUANG','return_sheet','sheet_signing','sheet_drafting','{"papers":[{"hash":"3894068897988c05e185e0e109cc366363e1740cf6ab89e5ce255668a12581fe","paper":"T03","status":"returned","version":1},{"hash":"77eb1498e3090809871c9c3af01131590ab338808fbc38faae3c5f597b9cb3f1","paper":"return_note","status":"recorded","version":1}],"reason":"no business value given 未说明业务价值"}','536f27527aed7e479ff6d8f212c04cd993664077459748544b43d4eeb02f7426','05fb573291ad84391ba893a214661703a1b20f8d171c21ab30f0e3a72a407a69');
INSERT INTO "audit_entries" VALUES(9,2,5,'2026-11-06 01:00:00.000000','U0CHEN','draft_sheet','sheet_drafting','sheet_signing','{"contract_ref":"HT-2026-0417","current_gap":"Only PDF 只有PDF","new_business":"OFD","papers":[{"hash":"d0a9b9bd48955efabb4aa09f4851ab3f4a19ef6a47a13fb85f4f237296e6ac1a","paper":"T03","status":"submitted","version":2}],"value":"Two banks ask for it 两家银行要求","wanted_by":"2027-02-04T01:00:00+00:00"}','05fb573291ad84391ba893a214661703a1b20f8d171c21ab30f0e3a72a407a69','f21849f19fb95e0f70daa7017f645f3c703afc330ffb7050b2a9a3a65480d06b');
INSERT INTO "audit_entries" VALUES(10,2,6,'2026-11-06 04:00:00.000000','U0HUANG','sign_sheet','sheet_signing','handed_over','{"dev_owner":"U0ANNA","dev_ref":"DEV-117","papers":[{"hash":"d0a9b9bd48955efabb4aa09f4851ab3f4a19ef6a47a13fb85f4f237296e6ac1a","paper":"T03","signature":"31dd8c5fc0954477e4f09bd483623eb9c24dd7054c493aa759828d7c501b4139","status":"signed","version":2}]}','f21849f19fb95e0f70daa7017f645f3c703afc330ffb7050b2a9a3a65480d06b','8f8a3a0dc25f79b4bd2f5f1c6bd5c65649f256fff67f064bde998248764922de');
INSERT INTO "audit_entries" VALUES(11,3,1,'2026-11-06 04:00:00.000000','U0CHEN','report',NULL,'triage','{"channel":"phone","contact":"Sun Li 孙丽","contact_way":"138 0000 0000","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","found_at":"2026-11-06T03:50:00+00:00","papers":[{"hash":"0e7fd1fb79657320615a2710b94f72d6af8334ebbb3cd30e02f45123844fa5d8","paper":"case","status":"recorded","version":1}],"product":"Billing Suite 计费账务系统","source":"customer","summary":"Rating process exits with ORA-01438 批价进程异常退出","version":"V3.2"}','','cf7f260eba4bcdaa364a0cefd68d610055c9306eebaa6b8bd3ba711fc2af5035');
INSERT INTO "audit_entries" VALUES(12,3,2,'2026-11-06 04:00:00.000000','U0LIN','triage','triage','sheet_drafting','{"is_fault":"yes","is_requirement":"no","symptom_kind":"exit"}','cf7f260eba4bcdaa364a0cefd68d610055c9306eebaa6b8bd3ba711fc2af5035','9d18e9e84a6fccbe2130a629c2ecb9922151b328a204b7b29ee97837847ebc5f');
INSERT INTO "audit_entries" VALUES(13,3,3,'2026-11-06 04:00:00.000000','U0CHEN','draft_sheet','sheet_drafting','sheet_signing','{"impact":"No bills","papers":[{"hash":"1fef48ea9790b3855be9c3ecda660dacdc32f71519ca10fae5f8a17566972fee","paper":"T02","status":"submitted","version":1}],"symptom":"It exits 异常退出","symptom_kind":"exit"}','9d18e9e84a6fccbe2130a629c2ecb9922151b328a204b7b29ee97837847ebc5f','884adb9944b7ec4ae9ebedc791e1831f9148917ce67c7a59d68020005656db36');
INSERT INTO "audit_entries" VALUES(14,3,4,'2026-11-06 04:00:00.000000','U0HUANG','sign_sheet','sheet_signing','analysis','{"papers":[{"hash":"1fef48ea9790b3855be9c3ecda660dacdc32f71519ca10fae5f8a17566972fee","paper":"T02","signature":"10f24eccf2e0049c7121221749d0e53ab43c9173c5b54ab108815cef60adf2f3","status":"signed","version":1}],"technicians":["U0WU"],"testers":["U0LIN"]}','884adb9944b7ec4ae9ebedc791e1831f9148917ce67c7a59d68020005656db36','72b8f63a52b0c0682c682f71654ed6cb3344178ef7bf435ed801b505ee856ec6');
INSERT INTO "audit_entries" VALUES(15,3,5,'2026-11-06 04:00:00.000000','U0WU','publish_analysis','analysis','decision','{"analysts":["U0WU","U0LIN"],"cause_class":"code","deadline_agreed_at":"2026-11-06T03:59:00+00:00","deadline_at":"2026-11-06T14:00:00+00:00","deadline_basis":"customer_stipulated","deadline_contact":"Sun Li","deadline_evidence":"Phone call","direct_cause":"Overflow","effort_hours":2.0,"measure":"Widen the column","modification_proposed":"yes","module":"Rating 批价","papers":[{"hash":"79cc8058e900226aeeccfcfdda16cbbc31696ebf590bdc85c0173aa7aa8a0544","paper":"T04","status":"published","version":1},{"hash":"78ab6fb55b59f7a6e7f06643130f4892bf3995a7950bea794c7309150078b969","paper":"T05","status":"recorded","version":1}],"prevention":"Check sizes","reproduced":"yes","root_cause":"Column too small","severity":"very_severe","severity_reason":"No bills are made","versions":"V3.2"}','72b8f63a52b0c0682c682f71654ed6cb3344178ef7bf435ed801b505ee856ec6','3f090ca699383a2c5a2c476ad5cd7f4a054c211a3436a4240c424d574d4a2964');
INSERT INTO "audit_entries" VALUES(16,3,6,'2026-11-06 04:00:00.000000','U0WU','decide_modification','decision','modification','{"modification_needed":"yes","modifier":"U0ZHAO","papers":[{"hash":"7a4e575430d308bbec9218d5e397e34cdff6585f0370168fd63ee23f2585a8a0","paper":"decision","status":"recorded","version":1}],"target_version":"V3.2.1"}','3f090ca699383a2c5a2c476ad5cd7f4a054c211a3436a4240c424d574d4a2964','072bb11e5923fa52e6558f628fcda1c70867caf9e67f3891d0b7b7e72899a116');
INSERT INTO "audit_entries" VALUES(17,4,1,'2026-11-09 01:10:00.000000','U0CHEN','report',NULL,'triage','{"channel":"phone","contact":"Sun Li 孙丽","contact_way":"138 0000 0000","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","found_at":"2026-11-09T01:00:00+00:00","papers":[{"hash":"b0fa0e22c2a632efc5befe2fac6893b5dba908214e5ea7a85384e1ef8ae970a8","paper":"case","status":"recorded","version":1}],"product":"Billing Suite 计费账务系统","source":"customer","summary":"Rating process exits with ORA-01438 批价进程异常退出","version":"V3.2"}','','1bd9a294c1d5bf090161727833e9f7c570b215e1b2118140f39d51e87b779820');
INSERT INTO "audit_entries" VALUES(18,4,2,'2026-11-09 01:15:00.000000','U0LIN','triage','triage','sheet_drafting','{"is_fault":"yes","is_requirement":"no","symptom_kind":"exit"}','1bd9a294c1d5bf090161727833e9f7c570b215e1b2118140f39d51e87b779820','2d946af112d23c6ebd359b845352d5294aed0144f8c62fd1a65965fc1cef2840');
INSERT INTO "audit_entries" VALUES(19,4,3,'2026-11-09 01:30:00.000000','U0CHEN','draft_sheet','sheet_drafting','sheet_signing','{"impact":"One customer 一家客户","papers":[{"hash":"58783c91e6e994ade122594133ee4772e496326538386fe8851b7bf6e225f973","paper":"T02","status":"submitted","version":1}],"symptom":"See above 见上","symptom_kind":"exit"}','2d946af112d23c6ebd359b845352d5294aed0144f8c62fd1a65965fc1cef2840','0108feed187db3e739a88359205dfd9de07ed1e0a120c59315ce0154f1868a1a');
INSERT INTO "audit_entries" VALUES(20,4,4,'2026-11-09 01:40:00.000000','U0HUANG','sign_sheet','sheet_signing','analysis','{"papers":[{"hash":"58783c91e6e994ade122594133ee4772e496326538386fe8851b7bf6e225f973","paper":"T02","signature":"d153df56713eafa3097a116257fd071f7b6680cfccbc1a3cf0907917fc38535b","status":"signed","version":1}],"technicians":["U0WU"],"testers":["U0LIN"]}','0108feed187db3e739a88359205dfd9de07ed1e0a120c59315ce0154f1868a1a','f4767fada2c5bb55b6a2b4078b732638d912fcfde8f18c5130419cd14ad5e774');
INSERT INTO "audit_entries" VALUES(21,4,5,'2026-11-09 02:10:00.000000','U0WU','publish_analysis','analysis','decision','{"analysts":["U0WU","U0LIN"],"cause_class":"code","deadline_agreed_at":"2026-11-09T02:05:00+00:00","deadline_at":"2026-11-09T06:00:00+00:00","deadline_basis":"customer_stipulated","deadline_contact":"Sun Li","deadline_evidence":"Phone call","direct_cause":"Overflow","effort_hours":1.5,"measure":"Widen the column","modification_proposed":"yes","module":"Rating 批价","papers":[{"hash":"fd6b3517f566c9594405cb713e7630c74467a19e747fa01f04d2957d5be409c8","paper":"T04","status":"published","version":1},{"hash":"190522cd00bd429ce2b8a32d1c5b8b5f8d1f3b23b547bf3ff3720bb7faab87b6","paper":"T05","status":"recorded","version":1}],"prevention":"Check sizes","reproduced":"yes","root_cause":"Column too small","severity":"very_severe","severity_reason":"No bills are made","versions":"V3.2"}','f4767fada2c5bb55b6a2b4078b732638d912fcfde8f18c5130419cd14ad5e774','21979807661a467460bccaa28029778ec5d8773b27a6397734886a25e5908594');
INSERT INTO "audit_entries" VALUES(22,4,6,'2026-11-09 02:15:00.000000','U0WU','decide_modification','decision','modification','{"modification_needed":"yes","modifier":"U0ZHAO","papers":[{"hash":"319733b3c0e6769f784050f87b19d1f43156bc31a462d3b4fafe3ff02b564184","paper":"decision","status":"recorded","version":1}],"target_version":"V3.2.1"}','21979807661a467460bccaa28029778ec5d8773b27a6397734886a25e5908594','7f0295bf5e0e691c651637ac08b619b1e897552c0df7f135cd9f622a1ac6b5f6');
INSERT INTO "audit_entries" VALUES(23,4,7,'2026-11-09 03:30:00.000000','U0ZHAO','submit_modification','modification','testing','{"build":"V3.2.1-rc1","change":"Widened","effort_hours":1.0,"modules":"rating.sql","papers":[{"hash":"392a1ae0f34e83fb1244178b26043c1f21a05c493ffb2859e04d0ea327b93e2e","paper":"modification","status":"recorded","version":1}],"self_check":"Ran"}','7f0295bf5e0e691c651637ac08b619b1e897552c0df7f135cd9f622a1ac6b5f6','6c36a420bacf135e652c0506ebe81018f16be35fdf86857297fd50b0d5b7932f');
INSERT INTO "audit_entries" VALUES(24,4,8,'2026-11-09 04:30:00.000000','U0HE','pass_test','testing','manual_update','{"build":"V3.2.1-rc1","cases":[{"actual":"rated","expected":"rated","passed":true,"title":"Rate a long call"}],"effort_hours":1.0,"environment":"Test system","papers":[{"hash":"bbd790ece71d8cb063d5d8c970c360af6fed9b6a928340aaa437a048d1ca26f1","paper":"T06","status":"recorded","version":1}],"regression":"Rating"}','6c36a420bacf135e652c0506ebe81018f16be35fdf86857297fd50b0d5b7932f','7f074c42b2f2fe7a0666399bed9e932c92c9604d6027f5a91e1759c0815bec95');
INSERT INTO "audit_entries" VALUES(25,4,9,'2026-11-09 04:40:00.000000','U0LIN','update_manual','manual_update','release','{"needed":"no","no_reason":"Nothing visible","papers":[{"hash":"1147af2ef3b89e4732ec9b7d2ca16ff6a9362ef85804cba38ba0206b5d4b4c35","paper":"T07","status":"recorded","version":1}]}','7f074c42b2f2fe7a0666399bed9e932c92c9604d6027f5a91e1759c0815bec95','d5baa2bee0f1104569418b14c0a6e45aec7e8862ae64f1627ad7b9dffceb8fe0');
INSERT INTO "audit_entries" VALUES(26,4,10,'2026-11-09 05:00:00.000000','U0WU','record_release','release','replying','{"papers":[{"hash":"3e69f428b5ff73bb6e00821afc7e0216bcbfd01ada93668a3f4dc00370ba8257","paper":"release_note","status":"recorded","version":1}],"released_at":"2026-11-09T04:59:00+00:00","result":"released","rollback_plan":"Restore","version":"V3.2.1","where":"Production"}','d5baa2bee0f1104569418b14c0a6e45aec7e8862ae64f1627ad7b9dffceb8fe0','e8082ef23b23330641035b826e8c4cc726a90a7c77daf0c0eb562569b5ab9684');
INSERT INTO "audit_entries" VALUES(27,4,11,'2026-11-09 05:20:00.000000','U0CHEN','reply_customer','replying','fix_confirming','{"papers":[{"hash":"a583f538a4c5badad6d848960cfcd49d559fd1e062c0677e3ec3e3d1dcebce37","paper":"reply","status":"recorded","version":1}],"reply":"It is fixed with V3.2.1"}','e8082ef23b23330641035b826e8c4cc726a90a7c77daf0c0eb562569b5ab9684','26005478983c93307aba6a12969f420206db9d9ba85739678c8f4bedada9fd42');
INSERT INTO "audit_entries" VALUES(28,4,12,'2026-11-09 07:00:00.000000','U0CHEN','confirm_fix','fix_confirming','closed','{"evidence":"Mail","papers":[{"hash":"af9cd3a4a7d8c87307c095db5d149af8409052239f5e9f94bb61c6373f5d2bd8","paper":"close_note","status":"recorded","version":1},{"hash":"600de3dc752890a2854e72bce0ea6809274588b1098038c9e1b690360a69a2c3","paper":"T05","status":"recorded","version":2}],"score":"5"}','26005478983c93307aba6a12969f420206db9d9ba85739678c8f4bedada9fd42','fb174ac2306b64f883dc735033e4856ae35153b8999a6cc399b193d46b110211');
CREATE TABLE case_assigned (
	case_id INTEGER NOT NULL, 
	person_id VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_case_assigned PRIMARY KEY (case_id, person_id), 
	CONSTRAINT fk_case_assigned_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id)
);
INSERT INTO "case_assigned" VALUES(1,'U0CHEN');
INSERT INTO "case_assigned" VALUES(2,'U0CHEN');
INSERT INTO "case_assigned" VALUES(2,'U0ANNA');
INSERT INTO "case_assigned" VALUES(3,'U0CHEN');
INSERT INTO "case_assigned" VALUES(3,'U0LIN');
INSERT INTO "case_assigned" VALUES(3,'U0WU');
INSERT INTO "case_assigned" VALUES(3,'U0ZHAO');
INSERT INTO "case_assigned" VALUES(4,'U0CHEN');
INSERT INTO "case_assigned" VALUES(4,'U0LIN');
INSERT INTO "case_assigned" VALUES(4,'U0WU');
INSERT INTO "case_assigned" VALUES(4,'U0ZHAO');
CREATE TABLE case_places (
	case_id INTEGER NOT NULL, 
	place VARCHAR(32) NOT NULL, 
	person_id VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_case_places PRIMARY KEY (case_id, place, person_id), 
	CONSTRAINT fk_case_places_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id)
);
INSERT INTO "case_places" VALUES(1,'service_manager','U0CHEN');
INSERT INTO "case_places" VALUES(2,'service_manager','U0CHEN');
INSERT INTO "case_places" VALUES(3,'service_manager','U0CHEN');
INSERT INTO "case_places" VALUES(3,'testers','U0LIN');
INSERT INTO "case_places" VALUES(3,'technicians','U0WU');
INSERT INTO "case_places" VALUES(3,'modifier','U0ZHAO');
INSERT INTO "case_places" VALUES(4,'service_manager','U0CHEN');
INSERT INTO "case_places" VALUES(4,'testers','U0LIN');
INSERT INTO "case_places" VALUES(4,'technicians','U0WU');
INSERT INTO "case_places" VALUES(4,'modifier','U0ZHAO');
CREATE TABLE cases (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	version INTEGER NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	entered_at DATETIME NOT NULL, 
	kind VARCHAR(32), 
	source VARCHAR(32) NOT NULL, 
	reporter_id VARCHAR(32) NOT NULL, 
	reported_at DATETIME NOT NULL, 
	customer_id INTEGER, 
	contact VARCHAR NOT NULL, 
	contact_way VARCHAR NOT NULL, 
	product_id INTEGER NOT NULL, 
	product_version VARCHAR NOT NULL, 
	module VARCHAR, 
	summary VARCHAR NOT NULL, 
	description TEXT NOT NULL, 
	found_at DATETIME NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	suspected_urgency VARCHAR(32), 
	attachments TEXT NOT NULL, 
	origin_channel VARCHAR(32), 
	origin_ts VARCHAR(32), 
	symptom_kind VARCHAR(32), 
	new_business TEXT, 
	severity VARCHAR(32), 
	deadline_at DATETIME, 
	first_deadline_at DATETIME, 
	deadline_basis VARCHAR(32), 
	moved_count INTEGER NOT NULL, 
	published_at DATETIME, 
	resolved_at DATETIME, 
	closed_at DATETIME, 
	on_hold BOOLEAN NOT NULL, 
	hold_since DATETIME, 
	hold_until DATETIME, 
	in_discussion BOOLEAN NOT NULL, 
	negotiating BOOLEAN NOT NULL, 
	report_published BOOLEAN NOT NULL, 
	answer_round INTEGER NOT NULL, 
	test_round INTEGER NOT NULL, 
	reopen_count INTEGER NOT NULL, 
	sheet_drafter VARCHAR(32), 
	build VARCHAR, 
	build_modifier VARCHAR(32), 
	build_passed BOOLEAN NOT NULL, 
	target_version VARCHAR, 
	fixed_version VARCHAR, 
	earlier_state VARCHAR(32), 
	master_id INTEGER, 
	audit_count INTEGER NOT NULL, 
	audit_head VARCHAR(64) NOT NULL, settled BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT fk_cases_customer_id_customers FOREIGN KEY(customer_id) REFERENCES customers (id), 
	CONSTRAINT fk_cases_master_id_cases FOREIGN KEY(master_id) REFERENCES cases (id), 
	CONSTRAINT fk_cases_product_id_products FOREIGN KEY(product_id) REFERENCES products (id)
);
INSERT INTO "cases" VALUES(1,4,'closed','2026-11-02 02:30:00.000000','question','customer','U0CHEN','2026-11-02 01:00:00.000000',1,'Xu Mei 许梅','138 0000 0000',1,'V1.8',NULL,'How do I renew the USB certificate? 数字证书如何续期?','It ends next week.
下周到期。','2026-11-02 00:50:00.000000','phone','low','[{"id": "F1", "name": "photo of the token.png"}, {"id": "F2", "name": "\u622a\u56fe.png"}]',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-02 02:30:00.000000',0,NULL,NULL,0,0,0,1,0,0,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,4,'f3bdd96aa564f4c0e965d7af2847d772590b764bacda0f16a48ed440cc3f17fc',1);
INSERT INTO "cases" VALUES(2,6,'handed_over','2026-11-06 04:00:00.000000','requirement','customer','U0CHEN','2026-11-05 02:00:00.000000',2,'Tang Bo 唐波','138 0000 0000',2,'V4.0',NULL,'Export reports as OFD 报表导出为OFD格式','The authorities ask for OFD.
监管要求报送OFD格式。','2026-11-05 01:50:00.000000','phone',NULL,'[]',NULL,NULL,NULL,'OFD',NULL,NULL,NULL,NULL,0,NULL,NULL,'2026-11-06 04:00:00.000000',0,NULL,NULL,0,0,0,0,0,0,'U0CHEN',NULL,NULL,0,NULL,NULL,NULL,NULL,6,'8f8a3a0dc25f79b4bd2f5f1c6bd5c65649f256fff67f064bde998248764922de',1);
INSERT INTO "cases" VALUES(3,6,'modification','2026-11-06 04:00:00.000000','fault','customer','U0CHEN','2026-11-06 04:00:00.000000',3,'Sun Li 孙丽','138 0000 0000',3,'V3.2','Rating 批价','Rating process exits with ORA-01438 批价进程异常退出','The process exits at night. 批价进程夜间退出。','2026-11-06 03:50:00.000000','phone',NULL,'[]',NULL,NULL,'exit',NULL,'very_severe','2026-11-06 14:00:00.000000','2026-11-06 14:00:00.000000','customer_stipulated',0,'2026-11-06 04:00:00.000000',NULL,NULL,0,NULL,NULL,0,0,1,0,0,0,'U0CHEN',NULL,NULL,0,'V3.2.1',NULL,NULL,NULL,6,'072bb11e5923fa52e6558f628fcda1c70867caf9e67f3891d0b7b7e72899a116',0);
INSERT INTO "cases" VALUES(4,12,'closed','2026-11-09 07:00:00.000000','fault','customer','U0CHEN','2026-11-09 01:10:00.000000',3,'Sun Li 孙丽','138 0000 0000',3,'V3.2','Rating 批价','Rating process exits with ORA-01438 批价进程异常退出','The process exits at night. 批价进程夜间退出。','2026-11-09 01:00:00.000000','phone',NULL,'[]',NULL,NULL,'exit',NULL,'very_severe','2026-11-09 06:00:00.000000','2026-11-09 06:00:00.000000','customer_stipulated',0,'2026-11-09 02:10:00.000000','2026-11-09 05:20:00.000000','2026-11-09 07:00:00.000000',0,NULL,NULL,0,0,1,0,1,0,'U0CHEN','V3.2.1-rc1','U0ZHAO',1,'V3.2.1','V3.2.1',NULL,NULL,12,'fb174ac2306b64f883dc735033e4856ae35153b8999a6cc399b193d46b110211',1);
CREATE TABLE customers (
	id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_customers PRIMARY KEY (id), 
	CONSTRAINT uq_customers_name UNIQUE (name)
);
INSERT INTO "customers" VALUES(1,'Binhai Port Clearance 滨海口岸通关中心');
INSERT INTO "customers" VALUES(2,'Lingnan City Bank 岭南城市银行');
INSERT INTO "customers" VALUES(3,'Huadong Telecom Anhui 华东电信安徽分公司');
CREATE TABLE documents (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	paper VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	content TEXT NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	author_id VARCHAR(32) NOT NULL, 
	created_at DATETIME NOT NULL, 
	signer_id VARCHAR(32), 
	signer_role VARCHAR(40), 
	signed_at DATETIME, 
	signature VARCHAR(64), 
	CONSTRAINT pk_documents PRIMARY KEY (id), 
	CONSTRAINT fk_documents_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id), 
	CONSTRAINT uq_documents_case_id_paper_version UNIQUE (case_id, paper, version)
);
INSERT INTO "documents" VALUES(1,1,'case',1,'recorded','{"attachments":[{"id":"F1","name":"photo of the token.png"},{"id":"F2","name":"截图.png"}],"channel":"phone","contact":"Xu Mei 许梅","contact_way":"138 0000 0000","customer":"Binhai Port Clearance 滨海口岸通关中心","description":"It ends next week.\n下周到期。","found_at":"2026-11-02T00:50:00+00:00","product":"Port Exchange 口岸数据交换平台","source":"customer","summary":"How do I renew the USB certificate? 数字证书如何续期?","suspected_urgency":"low","version":"V1.8"}','b8cf2cd58b3dc2769dacecaa7f18029967083c0f633f0e01e1eeea3b3567f54e','U0CHEN','2026-11-02 01:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(2,1,'T01',1,'recorded','{"answer":"Plug it in and press Renew 插入后点续期","case":"F-1","category":"certificate","customer":"Binhai Port Clearance 滨海口岸通关中心","description":"It ends next week.\n下周到期。","effort_hours":0.5,"product":"Port Exchange 口岸数据交换平台","round":1,"summary":"How do I renew the USB certificate? 数字证书如何续期?","version_reported":"V1.8"}','2970d2cad07c0e915cc71d9272c309e3d521d082c976752ac1447a1c8d8035c8','U0CHEN','2026-11-02 02:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(3,1,'T01',2,'recorded','{"answer":"Plug it in and press Renew 插入后点续期","case":"F-1","category":"certificate","customer":"Binhai Port Clearance 滨海口岸通关中心","description":"It ends next week.\n下周到期。","effort_hours":0.5,"evidence":"Phone 电话","product":"Port Exchange 口岸数据交换平台","round":1,"satisfied":"yes","score":"5","summary":"How do I renew the USB certificate? 数字证书如何续期?","version_reported":"V1.8"}','a397d3dcf47b854e50301a937d6cd9a9fa668aebdc302c50650d2fd199a87fc2','U0CHEN','2026-11-02 02:30:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(4,2,'case',1,'recorded','{"channel":"phone","contact":"Tang Bo 唐波","contact_way":"138 0000 0000","customer":"Lingnan City Bank 岭南城市银行","description":"The authorities ask for OFD.\n监管要求报送OFD格式。","found_at":"2026-11-05T01:50:00+00:00","product":"Report Center 报表中心","source":"customer","summary":"Export reports as OFD 报表导出为OFD格式","version":"V4.0"}','2bf555ac3caf0da006b2c1d77ceb32afcce2c0f2ec9b14e51a9e49487db48374','U0CHEN','2026-11-05 02:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(5,2,'T03',1,'returned','{"case":"F-2","current_gap":"Only PDF 只有PDF","customer":"Lingnan City Bank 岭南城市银行","description":"The authorities ask for OFD.\n监管要求报送OFD格式。","new_business":"OFD","product":"Report Center 报表中心","summary":"Export reports as OFD 报表导出为OFD格式","version_reported":"V4.0"}','3894068897988c05e185e0e109cc366363e1740cf6ab89e5ce255668a12581fe','U0CHEN','2026-11-05 03:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(6,2,'return_note',1,'recorded','{"case":"F-2","customer":"Lingnan City Bank 岭南城市银行","description":"The authorities ask for OFD.\n监管要求报送OFD格式。","product":"Report Center 报表中心","reason":"no business value given 未说明业务价值","summary":"Export reports as OFD 报表导出为OFD格式","version_reported":"V4.0"}','77eb1498e3090809871c9c3af01131590ab338808fbc38faae3c5f597b9cb3f1','U0HUANG','2026-11-05 03:30:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(7,2,'T03',2,'signed','{"case":"F-2","contract_ref":"HT-2026-0417","current_gap":"Only PDF 只有PDF","customer":"Lingnan City Bank 岭南城市银行","description":"The authorities ask for OFD.\n监管要求报送OFD格式。","new_business":"OFD","product":"Report Center 报表中心","summary":"Export reports as OFD 报表导出为OFD格式","value":"Two banks ask for it 两家银行要求","version_reported":"V4.0","wanted_by":"2027-02-04T01:00:00+00:00"}','d0a9b9bd48955efabb4aa09f4851ab3f4a19ef6a47a13fb85f4f237296e6ac1a','U0CHEN','2026-11-06 01:00:00.000000','U0HUANG','center_manager','2026-11-06 04:00:00.000000','31dd8c5fc0954477e4f09bd483623eb9c24dd7054c493aa759828d7c501b4139');
INSERT INTO "documents" VALUES(8,3,'case',1,'recorded','{"channel":"phone","contact":"Sun Li 孙丽","contact_way":"138 0000 0000","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","found_at":"2026-11-06T03:50:00+00:00","product":"Billing Suite 计费账务系统","source":"customer","summary":"Rating process exits with ORA-01438 批价进程异常退出","version":"V3.2"}','0e7fd1fb79657320615a2710b94f72d6af8334ebbb3cd30e02f45123844fa5d8','U0CHEN','2026-11-06 04:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(9,3,'T02',1,'signed','{"case":"F-3","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","impact":"No bills","product":"Billing Suite 计费账务系统","summary":"Rating process exits with ORA-01438 批价进程异常退出","symptom":"It exits 异常退出","symptom_kind":"exit","version_reported":"V3.2"}','1fef48ea9790b3855be9c3ecda660dacdc32f71519ca10fae5f8a17566972fee','U0CHEN','2026-11-06 04:00:00.000000','U0HUANG','center_manager','2026-11-06 04:00:00.000000','10f24eccf2e0049c7121221749d0e53ab43c9173c5b54ab108815cef60adf2f3');
INSERT INTO "documents" VALUES(10,3,'T04',1,'published','{"analysts":["U0WU","U0LIN"],"case":"F-3","cause_class":"code","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","direct_cause":"Overflow","effort_hours":2.0,"measure":"Widen the column","modification_proposed":"yes","module":"Rating 批价","prevention":"Check sizes","product":"Billing Suite 计费账务系统","reproduced":"yes","root_cause":"Column too small","summary":"Rating process exits with ORA-01438 批价进程异常退出","version_reported":"V3.2","versions":"V3.2"}','79cc8058e900226aeeccfcfdda16cbbc31696ebf590bdc85c0173aa7aa8a0544','U0WU','2026-11-06 04:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(11,3,'T05',1,'recorded','{"case":"F-3","customer":"Huadong Telecom Anhui 华东电信安徽分公司","deadline_agreed_at":"2026-11-06T03:59:00+00:00","deadline_at":"2026-11-06T14:00:00+00:00","deadline_basis":"customer_stipulated","deadline_contact":"Sun Li","deadline_evidence":"Phone call","description":"The process exits at night. 批价进程夜间退出。","first_deadline_at":"2026-11-06T14:00:00+00:00","product":"Billing Suite 计费账务系统","severity":"very_severe","severity_reason":"No bills are made","summary":"Rating process exits with ORA-01438 批价进程异常退出","version_reported":"V3.2"}','78ab6fb55b59f7a6e7f06643130f4892bf3995a7950bea794c7309150078b969','U0WU','2026-11-06 04:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(12,3,'decision',1,'recorded','{"case":"F-3","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","modification_needed":"yes","modifier":"U0ZHAO","product":"Billing Suite 计费账务系统","summary":"Rating process exits with ORA-01438 批价进程异常退出","target_version":"V3.2.1","version_reported":"V3.2"}','7a4e575430d308bbec9218d5e397e34cdff6585f0370168fd63ee23f2585a8a0','U0WU','2026-11-06 04:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(13,4,'case',1,'recorded','{"channel":"phone","contact":"Sun Li 孙丽","contact_way":"138 0000 0000","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","found_at":"2026-11-09T01:00:00+00:00","product":"Billing Suite 计费账务系统","source":"customer","summary":"Rating process exits with ORA-01438 批价进程异常退出","version":"V3.2"}','b0fa0e22c2a632efc5befe2fac6893b5dba908214e5ea7a85384e1ef8ae970a8','U0CHEN','2026-11-09 01:10:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(14,4,'T02',1,'signed','{"case":"F-4","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","impact":"One customer 一家客户","product":"Billing Suite 计费账务系统","summary":"Rating process exits with ORA-01438 批价进程异常退出","symptom":"See above 见上","symptom_kind":"exit","version_reported":"V3.2"}','58783c91e6e994ade122594133ee4772e496326538386fe8851b7bf6e225f973','U0CHEN','2026-11-09 01:30:00.000000','U0HUANG','center_manager','2026-11-09 01:40:00.000000','d153df56713eafa3097a116257fd071f7b6680cfccbc1a3cf0907917fc38535b');
INSERT INTO "documents" VALUES(15,4,'T04',1,'published','{"analysts":["U0WU","U0LIN"],"case":"F-4","cause_class":"code","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","direct_cause":"Overflow","effort_hours":1.5,"measure":"Widen the column","modification_proposed":"yes","module":"Rating 批价","prevention":"Check sizes","product":"Billing Suite 计费账务系统","reproduced":"yes","root_cause":"Column too small","summary":"Rating process exits with ORA-01438 批价进程异常退出","version_reported":"V3.2","versions":"V3.2"}','fd6b3517f566c9594405cb713e7630c74467a19e747fa01f04d2957d5be409c8','U0WU','2026-11-09 02:10:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(16,4,'T05',1,'recorded','{"case":"F-4","customer":"Huadong Telecom Anhui 华东电信安徽分公司","deadline_agreed_at":"2026-11-09T02:05:00+00:00","deadline_at":"2026-11-09T06:00:00+00:00","deadline_basis":"customer_stipulated","deadline_contact":"Sun Li","deadline_evidence":"Phone call","description":"The process exits at night. 批价进程夜间退出。","first_deadline_at":"2026-11-09T06:00:00+00:00","product":"Billing Suite 计费账务系统","severity":"very_severe","severity_reason":"No bills are made","summary":"Rating process exits with ORA-01438 批价进程异常退出","version_reported":"V3.2"}','190522cd00bd429ce2b8a32d1c5b8b5f8d1f3b23b547bf3ff3720bb7faab87b6','U0WU','2026-11-09 02:10:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(17,4,'decision',1,'recorded','{"case":"F-4","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","modification_needed":"yes","modifier":"U0ZHAO","product":"Billing Suite 计费账务系统","summary":"Rating process exits with ORA-01438 批价进程异常退出","target_version":"V3.2.1","version_reported":"V3.2"}','319733b3c0e6769f784050f87b19d1f43156bc31a462d3b4fafe3ff02b564184','U0WU','2026-11-09 02:15:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(18,4,'modification',1,'recorded','{"build":"V3.2.1-rc1","case":"F-4","change":"Widened","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","effort_hours":1.0,"modules":"rating.sql","product":"Billing Suite 计费账务系统","self_check":"Ran","summary":"Rating process exits with ORA-01438 批价进程异常退出","version_reported":"V3.2"}','392a1ae0f34e83fb1244178b26043c1f21a05c493ffb2859e04d0ea327b93e2e','U0ZHAO','2026-11-09 03:30:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(19,4,'T06',1,'recorded','{"build":"V3.2.1-rc1","case":"F-4","cases":[{"actual":"rated","expected":"rated","passed":true,"title":"Rate a long call"}],"conclusion":"pass","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","effort_hours":1.0,"environment":"Test system","product":"Billing Suite 计费账务系统","regression":"Rating","round":1,"summary":"Rating process exits with ORA-01438 批价进程异常退出","version_reported":"V3.2"}','bbd790ece71d8cb063d5d8c970c360af6fed9b6a928340aaa437a048d1ca26f1','U0HE','2026-11-09 04:30:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(20,4,'T07',1,'recorded','{"case":"F-4","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","needed":"no","no_reason":"Nothing visible","product":"Billing Suite 计费账务系统","summary":"Rating process exits with ORA-01438 批价进程异常退出","version_reported":"V3.2"}','1147af2ef3b89e4732ec9b7d2ca16ff6a9362ef85804cba38ba0206b5d4b4c35','U0LIN','2026-11-09 04:40:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(21,4,'release_note',1,'recorded','{"case":"F-4","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","product":"Billing Suite 计费账务系统","released_at":"2026-11-09T04:59:00+00:00","result":"released","rollback_plan":"Restore","summary":"Rating process exits with ORA-01438 批价进程异常退出","version":"V3.2.1","version_reported":"V3.2","where":"Production"}','3e69f428b5ff73bb6e00821afc7e0216bcbfd01ada93668a3f4dc00370ba8257','U0WU','2026-11-09 05:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(22,4,'reply',1,'recorded','{"case":"F-4","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","product":"Billing Suite 计费账务系统","reply":"It is fixed with V3.2.1","summary":"Rating process exits with ORA-01438 批价进程异常退出","version_reported":"V3.2"}','a583f538a4c5badad6d848960cfcd49d559fd1e062c0677e3ec3e3d1dcebce37','U0CHEN','2026-11-09 05:20:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(23,4,'close_note',1,'recorded','{"case":"F-4","customer":"Huadong Telecom Anhui 华东电信安徽分公司","description":"The process exits at night. 批价进程夜间退出。","evidence":"Mail","product":"Billing Suite 计费账务系统","score":"5","summary":"Rating process exits with ORA-01438 批价进程异常退出","version_reported":"V3.2"}','af9cd3a4a7d8c87307c095db5d149af8409052239f5e9f94bb61c6373f5d2bd8','U0CHEN','2026-11-09 07:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "documents" VALUES(24,4,'T05',2,'recorded','{"case":"F-4","closed_at":"2026-11-09T07:00:00+00:00","customer":"Huadong Telecom Anhui 华东电信安徽分公司","deadline_agreed_at":"2026-11-09T02:05:00+00:00","deadline_at":"2026-11-09T06:00:00+00:00","deadline_basis":"customer_stipulated","deadline_contact":"Sun Li","deadline_evidence":"Phone call","description":"The process exits at night. 批价进程夜间退出。","evidence":"Mail","first_deadline_at":"2026-11-09T06:00:00+00:00","fixed_version":"V3.2.1","moved_count":0,"on_time":true,"on_time_at_first":true,"product":"Billing Suite 计费账务系统","reopen_count":0,"resolved_at":"2026-11-09T05:20:00+00:00","score":"5","severity":"very_severe","severity_reason":"No bills are made","summary":"Rating process exits with ORA-01438 批价进程异常退出","version_reported":"V3.2"}','600de3dc752890a2854e72bce0ea6809274588b1098038c9e1b690360a69a2c3','U0CHEN','2026-11-09 07:00:00.000000',NULL,NULL,NULL,NULL);
CREATE TABLE fact_kinds (
	id INTEGER NOT NULL, 
	measure VARCHAR(8) NOT NULL, 
	part VARCHAR NOT NULL, 
	CONSTRAINT pk_fact_kinds PRIMARY KEY (id), 
	CONSTRAINT uq_fact_kinds_measure_part UNIQUE (measure, part)
);
INSERT INTO "fact_kinds" VALUES(1,'M1','');
INSERT INTO "fact_kinds" VALUES(2,'M10','');
INSERT INTO "fact_kinds" VALUES(3,'M12','');
INSERT INTO "fact_kinds" VALUES(4,'M13','');
INSERT INTO "fact_kinds" VALUES(5,'M14','');
INSERT INTO "fact_kinds" VALUES(6,'M15','');
INSERT INTO "fact_kinds" VALUES(7,'M16','');
INSERT INTO "fact_kinds" VALUES(8,'M17','');
INSERT INTO "fact_kinds" VALUES(9,'M18','analysis');
INSERT INTO "fact_kinds" VALUES(10,'M18','answering');
INSERT INTO "fact_kinds" VALUES(11,'M18','modification');
INSERT INTO "fact_kinds" VALUES(12,'M18','testing');
INSERT INTO "fact_kinds" VALUES(13,'M19','Billing Suite 计费账务系统 / Rating 批价');
INSERT INTO "fact_kinds" VALUES(14,'M2','fault');
INSERT INTO "fact_kinds" VALUES(15,'M2','question');
INSERT INTO "fact_kinds" VALUES(16,'M2','requirement');
INSERT INTO "fact_kinds" VALUES(17,'M20','');
INSERT INTO "fact_kinds" VALUES(18,'M3','');
INSERT INTO "fact_kinds" VALUES(19,'M4','');
INSERT INTO "fact_kinds" VALUES(20,'M5','');
INSERT INTO "fact_kinds" VALUES(21,'M6','analysis');
INSERT INTO "fact_kinds" VALUES(22,'M6','answer_confirming');
INSERT INTO "fact_kinds" VALUES(23,'M6','answering');
INSERT INTO "fact_kinds" VALUES(24,'M6','decision');
INSERT INTO "fact_kinds" VALUES(25,'M6','fix_confirming');
INSERT INTO "fact_kinds" VALUES(26,'M6','manual_update');
INSERT INTO "fact_kinds" VALUES(27,'M6','modification');
INSERT INTO "fact_kinds" VALUES(28,'M6','release');
INSERT INTO "fact_kinds" VALUES(29,'M6','replying');
INSERT INTO "fact_kinds" VALUES(30,'M6','sheet_drafting');
INSERT INTO "fact_kinds" VALUES(31,'M6','sheet_signing');
INSERT INTO "fact_kinds" VALUES(32,'M6','testing');
INSERT INTO "fact_kinds" VALUES(33,'M6','triage');
INSERT INTO "fact_kinds" VALUES(34,'M7','');
INSERT INTO "fact_kinds" VALUES(35,'M8','first');
INSERT INTO "fact_kinds" VALUES(36,'M8','in_force');
INSERT INTO "fact_kinds" VALUES(37,'M9','');
CREATE TABLE facts (
	kind_id INTEGER NOT NULL, 
	reported_at BIGINT NOT NULL, 
	case_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	ended_at BIGINT NOT NULL, 
	customer_id INTEGER, 
	product_id INTEGER NOT NULL, 
	amount FLOAT NOT NULL, 
	counted INTEGER NOT NULL, 
	based INTEGER NOT NULL, 
	CONSTRAINT pk_facts PRIMARY KEY (kind_id, reported_at, case_id, number)
)
 WITHOUT ROWID

;
INSERT INTO "facts" VALUES(1,1794186600000000,4,1,1794207600000000,3,3,0.0,1,1);
INSERT INTO "facts" VALUES(2,1794186600000000,4,21,1794207600000000,3,3,0.0,0,1);
INSERT INTO "facts" VALUES(3,1794186600000000,4,22,1794207600000000,3,3,0.0,1,1);
INSERT INTO "facts" VALUES(4,1794186600000000,4,23,1794207600000000,3,3,0.0,0,1);
INSERT INTO "facts" VALUES(5,1794186600000000,4,24,1794207600000000,3,3,0.0,1,1);
INSERT INTO "facts" VALUES(6,1793844000000000,2,7,1793937600000000,2,2,0.0,1,1);
INSERT INTO "facts" VALUES(6,1794186600000000,4,25,1794207600000000,3,3,0.0,0,1);
INSERT INTO "facts" VALUES(7,1793581200000000,1,7,1793586600000000,1,1,0.0,0,1);
INSERT INTO "facts" VALUES(7,1793844000000000,2,8,1793937600000000,2,2,0.0,0,1);
INSERT INTO "facts" VALUES(7,1794186600000000,4,26,1794207600000000,3,3,0.0,0,1);
INSERT INTO "facts" VALUES(8,1793581200000000,1,8,1793586600000000,1,1,1.0,1,1);
INSERT INTO "facts" VALUES(9,1794186600000000,4,27,1794207600000000,3,3,1.5,1,1);
INSERT INTO "facts" VALUES(10,1793581200000000,1,9,1793586600000000,1,1,0.5,1,1);
INSERT INTO "facts" VALUES(11,1794186600000000,4,28,1794207600000000,3,3,1.0,1,1);
INSERT INTO "facts" VALUES(12,1794186600000000,4,29,1794207600000000,3,3,1.0,1,1);
INSERT INTO "facts" VALUES(13,1794186600000000,4,30,1794207600000000,3,3,0.0,1,1);
INSERT INTO "facts" VALUES(14,1794186600000000,4,2,1794207600000000,3,3,0.0,1,1);
INSERT INTO "facts" VALUES(15,1793581200000000,1,1,1793586600000000,1,1,0.0,1,1);
INSERT INTO "facts" VALUES(16,1793844000000000,2,1,1793937600000000,2,2,0.0,1,1);
INSERT INTO "facts" VALUES(17,1793581200000000,1,10,1793586600000000,1,1,5.0,1,1);
INSERT INTO "facts" VALUES(17,1794186600000000,4,31,1794207600000000,3,3,5.0,1,1);
INSERT INTO "facts" VALUES(18,1793581200000000,1,2,1793586600000000,1,1,1200.0,1,1);
INSERT INTO "facts" VALUES(18,1793844000000000,2,2,1793937600000000,2,2,1800.0,1,1);
INSERT INTO "facts" VALUES(18,1794186600000000,4,3,1794207600000000,3,3,300.0,1,1);
INSERT INTO "facts" VALUES(19,1793581200000000,1,3,1793586600000000,1,1,3600.0,1,1);
INSERT INTO "facts" VALUES(19,1794186600000000,4,4,1794207600000000,3,3,15000.0,1,1);
INSERT INTO "facts" VALUES(20,1793844000000000,2,3,1793937600000000,2,2,10800.0,1,1);
INSERT INTO "facts" VALUES(20,1794186600000000,4,5,1794207600000000,3,3,600.0,1,1);
INSERT INTO "facts" VALUES(21,1794186600000000,4,6,1794207600000000,3,3,1800.0,1,1);
INSERT INTO "facts" VALUES(22,1793581200000000,1,4,1793586600000000,1,1,1800.0,1,1);
INSERT INTO "facts" VALUES(23,1793581200000000,1,5,1793586600000000,1,1,2400.0,1,1);
INSERT INTO "facts" VALUES(24,1794186600000000,4,7,1794207600000000,3,3,300.0,1,1);
INSERT INTO "facts" VALUES(25,1794186600000000,4,8,1794207600000000,3,3,6000.0,1,1);
INSERT INTO "facts" VALUES(26,1794186600000000,4,9,1794207600000000,3,3,600.0,1,1);
INSERT INTO "facts" VALUES(27,1794186600000000,4,10,1794207600000000,3,3,4500.0,1,1);
INSERT INTO "facts" VALUES(28,1794186600000000,4,11,1794207600000000,3,3,1200.0,1,1);
INSERT INTO "facts" VALUES(29,1794186600000000,4,12,1794207600000000,3,3,1200.0,1,1);
INSERT INTO "facts" VALUES(30,1793844000000000,2,4,1793937600000000,2,2,79200.0,1,1);
INSERT INTO "facts" VALUES(30,1794186600000000,4,13,1794207600000000,3,3,900.0,1,1);
INSERT INTO "facts" VALUES(31,1793844000000000,2,5,1793937600000000,2,2,12600.0,1,1);
INSERT INTO "facts" VALUES(31,1794186600000000,4,14,1794207600000000,3,3,600.0,1,1);
INSERT INTO "facts" VALUES(32,1794186600000000,4,15,1794207600000000,3,3,3600.0,1,1);
INSERT INTO "facts" VALUES(33,1793581200000000,1,6,1793586600000000,1,1,1200.0,1,1);
INSERT INTO "facts" VALUES(33,1793844000000000,2,6,1793937600000000,2,2,1800.0,1,1);
INSERT INTO "facts" VALUES(33,1794186600000000,4,16,1794207600000000,3,3,300.0,1,1);
INSERT INTO "facts" VALUES(34,1794186600000000,4,17,1794207600000000,3,3,15000.0,1,1);
INSERT INTO "facts" VALUES(35,1794186600000000,4,19,1794207600000000,3,3,0.0,1,1);
INSERT INTO "facts" VALUES(36,1794186600000000,4,18,1794207600000000,3,3,0.0,1,1);
INSERT INTO "facts" VALUES(37,1794186600000000,4,20,1794207600000000,3,3,0.0,0,1);
CREATE TABLE modules (
	id INTEGER NOT NULL, 
	product_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_modules PRIMARY KEY (id), 
	CONSTRAINT fk_modules_product_id_products FOREIGN KEY(product_id) REFERENCES products (id), 
	CONSTRAINT uq_modules_product_id_name UNIQUE (product_id, name)
);
INSERT INTO "modules" VALUES(1,3,'Rating 批价');
CREATE TABLE outbox (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	case_id INTEGER, 
	lane VARCHAR(80) NOT NULL, 
	topic VARCHAR(80), 
	"view" VARCHAR(32) NOT NULL, 
	target TEXT NOT NULL, 
	arguments TEXT NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	urgent BOOLEAN NOT NULL, 
	attempts INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	lease_until DATETIME, 
	sent_at DATETIME, 
	error VARCHAR, leased_by INTEGER, 
	CONSTRAINT fk_outbox_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE people (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR NOT NULL, 
	locale VARCHAR(16), 
	zone VARCHAR(64), 
	dm_channel VARCHAR(32), 
	active BOOLEAN NOT NULL, 
	refreshed_at DATETIME, 
	CONSTRAINT pk_people PRIMARY KEY (id)
);
INSERT INTO "people" VALUES('U0CHEN','Chen Jing 陈静',NULL,NULL,NULL,1,'2026-11-23 01:10:00.000000');
INSERT INTO "people" VALUES('U0HUANG','Huang Wei 黄伟',NULL,NULL,NULL,1,'2026-11-23 01:10:00.000000');
INSERT INTO "people" VALUES('U0WU','Wu Gang 吴刚',NULL,NULL,NULL,1,'2026-11-23 01:10:00.000000');
INSERT INTO "people" VALUES('U0LIN','Lin Xiaoyu 林晓雨',NULL,NULL,NULL,1,'2026-11-23 01:10:00.000000');
INSERT INTO "people" VALUES('U0HE','He Qing 何清',NULL,NULL,NULL,1,'2026-11-23 01:10:00.000000');
INSERT INTO "people" VALUES('U0ZHAO','Zhao Lei 赵磊',NULL,NULL,NULL,1,'2026-11-23 01:10:00.000000');
INSERT INTO "people" VALUES('U0ANNA','Anna Berg',NULL,NULL,NULL,1,'2026-11-23 01:10:00.000000');
CREATE TABLE posted (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	"view" VARCHAR(32) NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	ts VARCHAR(32) NOT NULL, 
	person_id VARCHAR(32), 
	about INTEGER, 
	arguments TEXT NOT NULL, 
	settled BOOLEAN NOT NULL, 
	CONSTRAINT pk_posted PRIMARY KEY (id), 
	CONSTRAINT fk_posted_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE product_versions (
	id INTEGER NOT NULL, 
	product_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_product_versions PRIMARY KEY (id), 
	CONSTRAINT fk_product_versions_product_id_products FOREIGN KEY(product_id) REFERENCES products (id), 
	CONSTRAINT uq_product_versions_product_id_name UNIQUE (product_id, name)
);
INSERT INTO "product_versions" VALUES(1,1,'V1.8');
INSERT INTO "product_versions" VALUES(2,2,'V4.0');
INSERT INTO "product_versions" VALUES(3,3,'V3.2');
INSERT INTO "product_versions" VALUES(4,3,'V3.2.1');
CREATE TABLE products (
	id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	default_days INTEGER, 
	CONSTRAINT pk_products PRIMARY KEY (id), 
	CONSTRAINT uq_products_name UNIQUE (name)
);
INSERT INTO "products" VALUES(1,'Port Exchange 口岸数据交换平台',NULL);
INSERT INTO "products" VALUES(2,'Report Center 报表中心',NULL);
INSERT INTO "products" VALUES(3,'Billing Suite 计费账务系统',NULL);
CREATE TABLE reminders (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	rule VARCHAR(32) NOT NULL, 
	occurrence INTEGER NOT NULL, 
	share INTEGER, 
	due_at DATETIME NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	sent_at DATETIME, 
	about_id INTEGER, 
	acknowledged_by VARCHAR(32), 
	acknowledged_at DATETIME, 
	CONSTRAINT pk_reminders PRIMARY KEY (id), 
	CONSTRAINT fk_reminders_about_id_reminders FOREIGN KEY(about_id) REFERENCES reminders (id), 
	CONSTRAINT fk_reminders_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id), 
	CONSTRAINT uq_reminders_case_id_rule_occurrence UNIQUE (case_id, rule, occurrence)
);
INSERT INTO "reminders" VALUES(1,1,'untriaged',1,NULL,'2026-11-02 05:00:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(2,1,'unanswered',1,NULL,'2026-11-03 20:00:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(3,2,'untriaged',1,NULL,'2026-11-05 06:00:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(4,2,'unsigned',1,NULL,'2026-11-05 11:00:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(5,2,'unsigned',2,NULL,'2026-11-06 09:00:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(6,3,'untriaged',1,NULL,'2026-11-06 08:00:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(7,3,'unsigned',1,NULL,'2026-11-06 12:00:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(8,3,'deadline_share',1,50,'2026-11-06 09:00:00.000000','sent','2026-11-06 10:00:00.000000',NULL,'U0WU','2026-11-06 10:00:00.000000');
INSERT INTO "reminders" VALUES(9,3,'deadline_share',2,80,'2026-11-06 12:00:00.000000','waiting',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(10,3,'deadline_share',3,100,'2026-11-06 14:00:00.000000','waiting',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(11,3,'overdue',1,NULL,'2026-11-06 15:00:00.000000','waiting',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(12,3,'unacknowledged',1,NULL,'2026-11-06 10:15:00.000000','waiting',NULL,8,NULL,NULL);
INSERT INTO "reminders" VALUES(13,4,'untriaged',1,NULL,'2026-11-09 05:10:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(14,4,'unsigned',1,NULL,'2026-11-09 09:30:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(15,4,'deadline_share',1,50,'2026-11-09 04:05:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(16,4,'deadline_share',2,80,'2026-11-09 05:14:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(17,4,'deadline_share',3,100,'2026-11-09 06:00:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(18,4,'overdue',1,NULL,'2026-11-09 07:00:00.000000','stopped',NULL,NULL,NULL,NULL);
INSERT INTO "reminders" VALUES(19,4,'unanswered',1,NULL,'2026-11-10 23:20:00.000000','stopped',NULL,NULL,NULL,NULL);
CREATE TABLE report_copies (
	id INTEGER NOT NULL, 
	report_id INTEGER NOT NULL, 
	person_id VARCHAR(32) NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	ts VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_report_copies PRIMARY KEY (id), 
	CONSTRAINT fk_report_copies_report_id_reports FOREIGN KEY(report_id) REFERENCES reports (id)
);
CREATE TABLE reports (
	id INTEGER NOT NULL, 
	first_day DATE NOT NULL, 
	last_day DATE NOT NULL, 
	version INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	comment TEXT, 
	issued_by VARCHAR(32), 
	issued_at DATETIME, 
	signature VARCHAR(64), 
	CONSTRAINT pk_reports PRIMARY KEY (id), 
	CONSTRAINT uq_reports_first_day_last_day_version UNIQUE (first_day, last_day, version)
);
CREATE TABLE role_grants (
	id INTEGER NOT NULL, 
	person_id VARCHAR(32) NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	origin VARCHAR(40) NOT NULL, 
	first_day DATE, 
	last_day DATE, 
	CONSTRAINT pk_role_grants PRIMARY KEY (id), 
	CONSTRAINT uq_role_grants_person_id_role_origin_first_day UNIQUE (person_id, role, origin, first_day)
);
INSERT INTO "role_grants" VALUES(1,'U0HUANG','center_manager','settings',NULL,NULL);
INSERT INTO "role_grants" VALUES(2,'U0CHEN','service_manager','settings',NULL,NULL);
INSERT INTO "role_grants" VALUES(3,'U0VIEWER','viewer','settings',NULL,NULL);
INSERT INTO "role_grants" VALUES(4,'U0ADMIN','admin','settings',NULL,NULL);
INSERT INTO "role_grants" VALUES(5,'U0HE','tester','settings',NULL,NULL);
INSERT INTO "role_grants" VALUES(6,'U0LIN','tester','settings',NULL,NULL);
INSERT INTO "role_grants" VALUES(7,'U0WU','technician','settings',NULL,NULL);
INSERT INTO "role_grants" VALUES(8,'U0ZHOU','service_manager','settings',NULL,NULL);
CREATE TABLE seen_deliveries (
	"key" VARCHAR(120) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_seen_deliveries PRIMARY KEY ("key")
);
CREATE INDEX ix_role_grants_person_id ON role_grants (person_id);
CREATE INDEX ix_seen_deliveries_at ON seen_deliveries (at);
CREATE INDEX ix_cases_customer_id ON cases (customer_id);
CREATE INDEX ix_cases_master_id ON cases (master_id);
CREATE INDEX ix_cases_product_id ON cases (product_id);
CREATE INDEX ix_cases_reporter_id ON cases (reporter_id);
CREATE INDEX ix_cases_state_reported_at ON cases (state, reported_at);
CREATE INDEX ix_case_places_person_id ON case_places (person_id);
CREATE INDEX ix_outbox_lane_state ON outbox (lane, state);
CREATE INDEX ix_outbox_state_due_at ON outbox (state, due_at);
CREATE INDEX ix_outbox_topic_state ON outbox (topic, state);
CREATE INDEX ix_posted_case_id_view_about ON posted (case_id, "view", about);
CREATE INDEX ix_reminders_about_id ON reminders (about_id);
CREATE INDEX ix_reminders_state_due_at ON reminders (state, due_at);
CREATE TRIGGER audit_entries_update_refused BEFORE UPDATE ON audit_entries WHEN TRUE BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER audit_entries_delete_refused BEFORE DELETE ON audit_entries WHEN TRUE BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER documents_delete_refused BEFORE DELETE ON documents WHEN TRUE BEGIN SELECT RAISE(ABORT, 'records are kept'); END;
CREATE TRIGGER documents_update_refused BEFORE UPDATE ON documents WHEN (OLD.case_id IS NOT NEW.case_id OR OLD.paper IS NOT NEW.paper OR OLD.version IS NOT NEW.version OR OLD.content IS NOT NEW.content OR OLD.content_hash IS NOT NEW.content_hash OR OLD.author_id IS NOT NEW.author_id OR OLD.created_at IS NOT NEW.created_at) OR (OLD.signature IS NOT NULL AND (OLD.signer_id IS NOT NEW.signer_id OR OLD.signer_role IS NOT NEW.signer_role OR OLD.signed_at IS NOT NEW.signed_at OR OLD.signature IS NOT NEW.signature)) BEGIN SELECT RAISE(ABORT, 'what was written or signed stays'); END;
CREATE TRIGGER audit_entries_replace_refused BEFORE INSERT ON audit_entries WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id OR (case_id = NEW.case_id AND seq = NEW.seq)) BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER documents_replace_refused BEFORE INSERT ON documents WHEN EXISTS (SELECT 1 FROM documents WHERE id = NEW.id OR (case_id = NEW.case_id AND paper = NEW.paper AND version = NEW.version)) BEGIN SELECT RAISE(ABORT, 'records are kept'); END;
CREATE INDEX ix_outbox_state_urgent_id ON outbox (state, urgent, id);
CREATE INDEX ix_report_copies_report_id ON report_copies (report_id);
CREATE TRIGGER reports_update_refused BEFORE UPDATE ON reports WHEN OLD.first_day IS NOT NEW.first_day OR OLD.last_day IS NOT NEW.last_day OR OLD.version IS NOT NEW.version OR OLD.content IS NOT NEW.content OR OLD.content_hash IS NOT NEW.content_hash OR (OLD.signature IS NOT NULL AND (OLD.comment IS NOT NEW.comment OR OLD.issued_by IS NOT NEW.issued_by OR OLD.issued_at IS NOT NEW.issued_at OR OLD.signature IS NOT NEW.signature)) BEGIN SELECT RAISE(ABORT, 'what was drawn up or issued stays'); END;
CREATE TRIGGER reports_delete_refused BEFORE DELETE ON reports WHEN TRUE BEGIN SELECT RAISE(ABORT, 'what was drawn up or issued stays'); END;
CREATE TRIGGER reports_replace_refused BEFORE INSERT ON reports WHEN EXISTS (SELECT 1 FROM reports WHERE id = NEW.id OR (first_day = NEW.first_day AND last_day = NEW.last_day AND version = NEW.version)) BEGIN SELECT RAISE(ABORT, 'what was drawn up or issued stays'); END;
CREATE INDEX ix_cases_statistics ON cases (settled, reported_at, entered_at, state, customer_id, product_id, id);
CREATE INDEX ix_case_assigned_person_id ON case_assigned (person_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('cases',4);
INSERT INTO "sqlite_sequence" VALUES('outbox',74);
COMMIT;
