/** The language of the page's own words: as its person reads, or the one chosen here, kept in this browser. */

import { button, el } from "./dom.js";

const KEY = "faultdesk-language";
const LANGUAGES = { "zh-CN": "中", en: "EN" };

/** The language that was chosen, or null: the page follows its person. */
export function chosenLanguage() {
  const kept = localStorage.getItem(KEY);
  return kept in LANGUAGES ? kept : null;
}

/** A switch between the languages. All of the page is drawn anew: every part of it has words. */
export function languageSwitch(page) {
  const choose = (language) => {
    localStorage.setItem(KEY, language);
    location.reload();
  };
  return el("div", { class: "languages", role: "group", "aria-label": page.t("language") },
    Object.entries(LANGUAGES).map(([language, sign]) => button(sign, () => choose(language), {
      lang: language, "data-key": `language-${language}`, "aria-pressed": String(language === page.language),
    })));
}
