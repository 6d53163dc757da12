/** The language of the page's own texts: the person's, or one that is chosen here and stored in the browser. */

import { button, el } from "./dom.js";

const KEY = "faultdesk-language";
const LANGUAGES = { "zh-CN": "中", en: "EN" };

/** Return the chosen language, or null if the page uses the person's. */
export function chosenLanguage() {
  const kept = localStorage.getItem(KEY);
  return kept in LANGUAGES ? kept : null;
}

/** Return a switch between the languages. It reloads the page, because every part of it contains text. */
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
