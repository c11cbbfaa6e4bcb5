// Shows the target of a reference beside it: after a short rest of the pointer, or at once on keyboard focus.
// Escape, leaving both, or following the link closes it. The targets are in previews.js.
(function () {
  "use strict";
  const REST = 180; // milliseconds
  const previews = window.onennPreviews || {};
  const root = document.documentElement.dataset.content_root || "./";
  const base = new URL(root, location.href);
  let box = null, owner = null, waiting = 0, leaving = 0;

  // "chapters/page.html#label" of a link, or null. getAttribute: the href of a link inside an SVG is an object.
  function key(link) {
    const href = link.getAttribute("href");
    if (!href || !href.includes("#")) return null;
    const url = new URL(href, location.href);
    if (!url.href.startsWith(base.href)) return null;
    const name = url.href.slice(base.href.length);
    return Object.hasOwn(previews, decodeURI(name)) ? decodeURI(name) : null;
  }

  function close() {
    clearTimeout(waiting);
    clearTimeout(leaving);
    if (owner) owner.removeAttribute("aria-describedby");
    if (box) box.remove();
    box = owner = null;
  }

  function place(link) {
    const at = link.getBoundingClientRect();
    const size = box.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - size.width - 8));
    const below = at.bottom + 6;
    const above = at.top - size.height - 6;
    const top = below + size.height > window.innerHeight && above > 0 ? above : below;
    box.style.left = left + "px";
    box.style.top = top + "px";
  }

  function open(link, name) {
    if (owner === link) return;
    close();
    box = document.createElement("div");
    box.className = "preview";
    box.id = "preview";
    box.setAttribute("role", "tooltip");
    box.innerHTML = previews[name];
    // Links of the target are relative to the target's page.
    for (const inner of box.querySelectorAll("a[href]")) {
      inner.setAttribute("href", new URL(inner.getAttribute("href"), new URL(name, base)).href);
    }
    for (const fold of box.querySelectorAll("details")) fold.open = true;
    box.addEventListener("mouseenter", () => clearTimeout(leaving));
    box.addEventListener("mouseleave", leave);
    document.body.append(box);
    owner = link;
    link.setAttribute("aria-describedby", "preview");
    place(link);
    const current = box;
    const typeset = window.MathJax && window.MathJax.typesetPromise;
    if (typeset) typeset([current]).then(() => { if (box === current) place(link); });
  }

  function leave() {
    clearTimeout(waiting);
    clearTimeout(leaving);
    leaving = setTimeout(close, 250);
  }

  function attach(link) {
    const name = key(link);
    if (!name || link.classList.contains("headerlink")) return;
    link.addEventListener("mouseenter", () => {
      clearTimeout(leaving);
      clearTimeout(waiting);
      waiting = setTimeout(() => open(link, name), REST);
    });
    link.addEventListener("mouseleave", leave);
    link.addEventListener("focus", () => { if (link.matches(":focus-visible")) open(link, name); });
    link.addEventListener("blur", leave);
    link.addEventListener("click", close);
  }

  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  document.querySelectorAll("article a, main a").forEach(attach);

  // A fold that hides the target of the address is opened; print shows every fold.
  function reveal() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let here = target; here; here = here.parentElement) if (here.tagName === "DETAILS") here.open = true;
    if (target && target.tagName === "DETAILS") target.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((fold) => { fold.open = true; }));
  reveal();
})();
