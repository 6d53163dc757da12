/** The confirmation dialog, which shows the `confirm` object of an element. */

import { el, newId } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";

/** Show the dialog. Resolves to true if the person confirms, else to false. */
export function confirmed(confirm, ctx) {
  return new Promise((resolve) => {
    const close = (answer) => () => { dialog.close(); dialog.remove(); resolve(answer); };
    // Enter must not confirm an action that cannot be undone, so the focus starts on the other button.
    const grave = confirm.style === "danger";
    const answer = (kind, first, text, value) =>
      el("button", { type: "button", class: `bk-button ${kind}`, autofocus: first, onclick: close(value) }, plain(text));
    const no = answer("", grave, confirm.deny?.text ?? ctx.t("cancel"), false);
    const yes = answer(`bk-${confirm.style ?? "primary"}`, !grave, confirm.confirm?.text ?? ctx.t("confirm"), true);
    const title = el("h2", { class: "bk-modal-title", id: newId("confirm") }, plain(confirm.title?.text));
    const text = el("div", { class: "bk-modal-body", id: newId("confirm") }, textObject(confirm.text, ctx));
    const dialog = el("dialog", {
      class: "bk-modal bk-confirm", role: "alertdialog", "aria-labelledby": title.id, "aria-describedby": text.id,
      oncancel: (event) => { event.preventDefault(); close(false)(); }, onclose: close(false),
    }, el("header", { class: "bk-modal-head" }, title), text, el("footer", { class: "bk-modal-foot" }, no, yes));
    document.body.append(dialog);
    dialog.showModal();
  });
}
