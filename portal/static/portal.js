// What makes the pages more comfortable. Every act works without it.
"use strict";

// A form with data-autosave is sent while one types (htmx); its status line says whether that was kept. What was typed
// is kept in this browser too until the server has it, so that nothing is lost when a session ends or a line is cut.
const keptKey = (form) => "kaoping:" + location.pathname + "#" + (form.id || form.getAttribute("action"));

const say = (form, key) => {
  const line = form.querySelector("[data-status]");
  if (line) line.textContent = line.dataset[key] || "";
};

const typed = (form) => {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "act") values[name] = value;
  }
  return values;
};

const keep = (form) => {
  try {
    localStorage.setItem(keptKey(form), JSON.stringify(typed(form)));
  } catch (_) { /* a browser that keeps nothing: the server has what was saved */ }
};

const forget = (form) => {
  try {
    localStorage.removeItem(keptKey(form));
  } catch (_) { /* nothing was kept */ }
};

// Forms whose text the server has not yet, and the one that waits for them: what they keep is what it submits (data-last).
const unsaved = new Set();
let waiting = null;

const restore = (form) => {
  let values = null;
  try {
    values = JSON.parse(localStorage.getItem(keptKey(form)) || "null");
  } catch (_) { /* nothing readable was kept */ }
  if (!values) return;
  let changed = false;
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field && "value" in field && field.type !== "hidden" && field.value !== value) {
      field.value = value;
      changed = true;
    }
  }
  if (changed) {
    unsaved.add(form);
    say(form, "restored");
    form.dispatchEvent(new Event("change", { bubbles: true }));
    form.dispatchEvent(new CustomEvent("save"));
  } else {
    forget(form);
  }
};

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-autosave]");
  if (!form) return;
  keep(form);
  if (event.target.closest("[data-manual]")) return; // sent by its button only
  unsaved.add(form);
  say(form, "unsaved");
});

// What is typed while a request is under way is not saved by it. What is saved already is not sent once more when the
// field is left: another window may have saved something newer.
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest("form[data-autosave]");
  if (!form) return;
  const values = JSON.stringify(typed(form));
  form.dataset.sending = values;
  if (form.dataset.kept !== values) return;
  event.preventDefault();
  saved(form);
});

const saved = (form) => {
  const manual = [...form.querySelectorAll("[data-manual]")].some((field) => field.value);
  if (!manual) forget(form);
  unsaved.delete(form);
  say(form, "saved");
  if (waiting && unsaved.size === 0) waiting.requestSubmit();
};

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest("form[data-autosave]");
  if (!form) return;
  const status = event.detail.xhr ? event.detail.xhr.status : 0;
  if (status === 204) {
    if (form.dataset.sending !== JSON.stringify(typed(form))) return;
    form.dataset.kept = form.dataset.sending;
    saved(form);
    return;
  }
  waiting = null;
  if (status === 401) {
    say(form, "signedout");
  } else {
    say(form, status === 422 ? "refused" : "failed");
    const line = form.querySelector("[data-status]");
    const plain = status === 422 && (event.detail.xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    if (line && plain) line.textContent = event.detail.xhr.responseText;
  }
});

// A file is sent as soon as it is chosen; one that is too large is not sent at all.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches("input[type=file][data-upload]") || !input.files.length) return;
  const large = [...input.files].some((file) => file.size > Number(input.dataset.upload));
  say(input.form, large ? "large" : "sending");
  if (large) input.value = "";
  else input.form.requestSubmit();
});

// A form is sent once, however often its button is clicked; the server would make it one act all the same.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // Not form.method: where a field has that name, it is the field.
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  if (form.matches("[data-last]") && unsaved.size && window.htmx) {
    event.preventDefault();
    waiting = form;
    for (const other of unsaved) other.dispatchEvent(new CustomEvent("save"));
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 5000);
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form")) delete form.dataset.sent;
});

// One checkbox selects all of its table.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-select-all]")) return;
  for (const box of event.target.closest("table").querySelectorAll("tbody input[type=checkbox]")) box.checked = event.target.checked;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-autosave]")) restore(form);
});
