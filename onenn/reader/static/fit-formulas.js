// A formula that is too wide for its column shrinks to fit, but never so far that it becomes illegible: then it scrolls.
(function () {
  "use strict";
  const SMALLEST = 0.62; // of the size of the text around it

  function fit(root) {
    for (const svg of root.querySelectorAll("mjx-container > svg")) {
      svg.style.width = "";
      const column = svg.closest("p, li, dd, td, th, div.math, .preview") || svg.parentElement;
      const room = column.clientWidth;
      const natural = svg.getBoundingClientRect().width;
      const number = column.querySelector(":scope > .eqno");
      const beside = number && getComputedStyle(column).flexDirection === "row-reverse" ? number.offsetWidth + 8 : 0;
      const line = svg.closest(".unbroken"); // the comma after the formula needs room as well
      const taken = beside + (line ? Math.max(0, line.getBoundingClientRect().width - natural) : 0);
      if (room && natural > room - taken) svg.style.width = Math.max(room - taken, SMALLEST * natural) + "px";
    }
  }

  function start() {
    fit(document);
    let waiting = 0;
    window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => fit(document), 150); });
    // Nothing inside a closed fold has a size.
    for (const fold of document.querySelectorAll("details")) fold.addEventListener("toggle", () => fit(fold));
  }

  window.addEventListener("load", () => {
    const ready = window.MathJax && window.MathJax.startup && window.MathJax.startup.promise;
    if (ready) ready.then(start);
  });
})();
