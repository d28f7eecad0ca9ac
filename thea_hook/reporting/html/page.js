
"use strict";
// Everything is read from the page and written as text: the report is never taken for markup.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  // A page opened from a file may be refused its storage; then a choice lasts as long as the page.
  const memory = {
    read(key) { try { return localStorage.getItem(`thea-hook-${key}`); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(`thea-hook-${key}`, value); } catch { /* see above */ } },
  };

  function setTheme(theme) {
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  }
  setTheme(memory.read("theme")); // in the head, so that nobody sees the other theme first

  // A row of buttons of which one is pressed.
  function choice(element, initial, chosen) {
    const buttons = all("button", element);
    const set = (value) => {
      for (const button of buttons) button.ariaPressed = String(button.value === value);
      chosen(value);
    };
    for (const button of buttons) button.addEventListener("click", () => set(button.value));
    set(initial);
    return set;
  }

  // ---------------------------------------------------------------- findings

  function readFindings() {
    return all("#by-file .finding").map((element, number) => {
      const { severity, rule, category, fix, lines } = element.dataset;
      const file = element.closest(".file");
      const message = one(".message", element).textContent;
      return {
        element, number, file, frame: element.closest(".frame"), path: file.dataset.path,
        severity, rule, category, fix, lines: lines.split("-").map(Number),
        place: one(".where a", element).textContent, isChanged: "changed" in element.dataset,
        text: `${file.dataset.path} ${rule} ${message}`.toLowerCase(), lowerPath: file.dataset.path.toLowerCase(),
        isShown: true,
      };
    });
  }

  function groupBy(items, key) {
    const groups = new Map();
    for (const item of items) {
      const group = groups.get(item[key]);
      if (group) group.push(item);
      else groups.set(item[key], [item]);
    }
    return groups;
  }

  // The groups, the largest first.
  function ranked(groups) {
    return [...groups].sort(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1));
  }

  // Leaves of a frame what these findings need: their lines and their marks.
  function narrow(frame, findings) {
    const numbers = new Set(findings.map((finding) => String(finding.number)));
    for (const mark of all("mark", frame)) {
      mark.classList.toggle("off", !mark.dataset.f.split(" ").some((number) => numbers.has(number)));
    }
    let skipped = false; // so that a line after a gap shows it
    for (const line of all("code[data-n]", frame)) {
      const number = Number(line.dataset.n);
      const isNear = findings.some(({ lines }) => lines[0] <= number && number <= lines[1]);
      const isOther = line.className.includes("piece") && one("mark", line) && !one("mark:not(.off)", line);
      line.hidden = !isNear || Boolean(isOther);
      line.classList.toggle("gap", skipped && !line.hidden);
      skipped = line.hidden;
    }
  }

  // ---------------------------------------------------------------- filters

  const MOST_OFFERED = 500; // paths that the file filter proposes

  const LABELS = { fix: { safe: "safe", unsafe: "unsafe", display: "suggestion", none: "none" } };
  const ORDERS = { severity: ["error", "warning", "info"], fix: ["safe", "unsafe", "display", "none"] };

  // Buttons for the values of one property; several may be pressed, none means all.
  function facet(fieldset, findings, changed) {
    const key = fieldset.dataset.facet;
    const groups = groupBy(findings, key);
    const chosen = new Set();
    const numbers = new Map();
    const values = ORDERS[key]?.filter((value) => groups.has(value)) ?? ranked(groups).map(([value]) => value);
    const buttons = values.map((value) => {
      const button = make("button", { type: "button", value }, LABELS[key]?.[value] ?? value, make("span", {}));
      button.addEventListener("click", () => {
        if (!chosen.delete(value)) chosen.add(value);
        changed();
      });
      return button;
    });
    fieldset.append(...buttons);
    fieldset.hidden = values.length < 2;
    return {
      accepts: (finding) => chosen.size === 0 || chosen.has(finding[key]),
      clear: () => chosen.clear(),
      start: () => numbers.clear(),
      add: (finding) => numbers.set(finding[key], (numbers.get(finding[key]) ?? 0) + 1),
      show() {
        buttons.forEach((button, index) => {
          const number = numbers.get(values[index]) ?? 0;
          button.ariaPressed = String(chosen.has(values[index]));
          button.dataset.count = number;
          button.lastChild.textContent = number.toLocaleString("en");
        });
      },
    };
  }

  function foldersOf(path) {
    const parts = path.split("/").slice(0, -1);
    return parts.map((_, index) => `${parts.slice(0, index + 1).join("/")}/`);
  }

  function folderFilter(select, findings) {
    const folders = [...new Set(findings.flatMap((finding) => foldersOf(finding.path)))].sort();
    const options = ["", ...folders].map((folder) => make("option", { value: folder }));
    const numbers = new Map();
    select.append(...options);
    select.parentNode.hidden = folders.length === 0;
    return {
      accepts: (finding) => finding.path.startsWith(select.value),
      start: () => numbers.clear(),
      add(finding) {
        for (const folder of ["", ...foldersOf(finding.path)]) numbers.set(folder, (numbers.get(folder) ?? 0) + 1);
      },
      show() {
        for (const option of options) {
          option.textContent = `${option.value || "all"} (${(numbers.get(option.value) ?? 0).toLocaleString("en")})`;
        }
      },
    };
  }

  function textFilter(input, property) {
    return {
      accepts: (finding) => input.value.toLowerCase().split(/\s+/).every((word) => finding[property].includes(word)),
    };
  }

  // Counts what each filter would leave if it alone were changed, and says which findings all of them leave.
  function judge(findings, filters) {
    for (const filter of filters) filter.start?.();
    for (const finding of findings) {
      const against = filters.filter((filter) => !filter.accepts(finding));
      finding.isShown = against.length === 0;
      if (against.length === 0) filters.forEach((filter) => filter.add?.(finding));
      else if (against.length === 1) against[0].add?.(finding);
    }
    for (const filter of filters) filter.show?.();
  }

  // ---------------------------------------------------------------- views

  const MOST_UNFOLDED = 500; // findings by rule that are listed at once

  const narrowed = new Set(); // frames of which not everything is shown

  function showFiles(frames, files) {
    for (const [frame, findings] of frames) {
      const shown = findings.filter((finding) => finding.isShown);
      frame.hidden = shown.length === 0;
      for (const finding of findings) finding.element.hidden = !finding.isShown;
      const isNarrow = shown.length < findings.length;
      if (shown.length && (isNarrow || narrowed.has(frame))) narrow(frame, shown);
      if (isNarrow) narrowed.add(frame);
      else narrowed.delete(frame);
    }
    for (const [file, findings] of files) {
      const shown = findings.filter((finding) => finding.isShown);
      file.hidden = shown.length === 0;
      for (const element of all("summary .count", file)) {
        const severity = element.classList[1];
        const number = shown.filter((finding) => finding.severity === severity).length;
        element.hidden = number === 0;
        element.textContent = count(number, severity);
      }
    }
  }

  function showRules(view, findings) {
    const shown = findings.filter((finding) => finding.isShown);
    const isOpen = shown.length <= MOST_UNFOLDED;
    view.replaceChildren(...ranked(groupBy(shown, "rule")).map(([rule, group]) => ruleSection(rule, group, isOpen)));
  }

  function ruleSection(rule, findings, isOpen) {
    const heading = make("h2", { className: "path" }, make("b", {}, rule));
    const number = make("span", { className: "count" }, count(findings.length, "problem"));
    const anchor = one(".where .rule", findings[0].element).getAttribute("href").slice(1);
    const about = all("p", document.getElementById(anchor)).map((paragraph) => paragraph.cloneNode(true));
    const section = make(
      "details", { className: "file", open: isOpen }, make("summary", {}, heading, number),
      make("div", { className: "about", hidden: about.length === 0 }, ...about),
    );
    whenOpen(section, () => section.append(...findings.map(row)));
    return section;
  }

  // Builds the inside of a `details` when somebody looks at it first.
  function whenOpen(details, build) {
    const listen = () => {
      if (!details.open) return;
      details.removeEventListener("toggle", listen);
      build();
    };
    details.addEventListener("toggle", listen);
  }

  function row(finding) {
    const place = make("span", { className: "path" }, `${finding.path}:${finding.place}`);
    const parts = [".severity", ".message"].map((name) => one(name, finding.element).cloneNode(true));
    const details = make("details", { className: "row" }, make("summary", {}, place, ...parts));
    details.dataset.severity = finding.severity;
    whenOpen(details, () => details.append(excerpt(finding)));
    return details;
  }

  function excerpt(finding) {
    const frame = finding.frame.cloneNode(true);
    for (const element of all(".finding", frame)) {
      if (element.id !== finding.element.id) element.remove();
      element.removeAttribute("id");
      element.hidden = false;
    }
    frame.hidden = false;
    narrow(frame, [finding]);
    return frame;
  }

  // ---------------------------------------------------------------- the page

  function start() {
    const findings = readFindings();
    const frames = groupBy(findings, "frame");
    const files = groupBy(findings, "file");
    const views = { file: one("#by-file"), rule: one("#by-rule") };
    const form = one("#filters");
    let grouping = "file";

    const changed = one("#changed");
    const facets = all("fieldset", form).map((fieldset) => facet(fieldset, findings, update));
    const filters = [
      ...facets,
      folderFilter(one("#folder"), findings),
      textFilter(one("#search"), "text"),
      textFilter(one("#file"), "lowerPath"),
      { accepts: (finding) => !changed.checked || finding.isChanged },
    ];

    function update() {
      judge(findings, filters);
      const shown = findings.filter((finding) => finding.isShown);
      const inFiles = count(new Set(shown.map((finding) => finding.file)).size, "file");
      const number = shown.length === findings.length ? "" : `${shown.length.toLocaleString("en")} of `;
      one("#status").textContent = `${number}${count(findings.length, "problem")} in ${inFiles}`;
      one("#nothing").hidden = shown.length > 0;
      if (grouping === "file") showFiles(frames, files);
      else showRules(views.rule, findings);
    }

    function clear() {
      form.reset();
      for (const filter of facets) filter.clear();
      update();
    }

    function setGrouping(value) {
      grouping = value;
      views.file.hidden = value !== "file";
      views.rule.hidden = value !== "rule";
      if (value === "file") views.rule.replaceChildren();
      one("#fold").textContent = "Fold all";
      update();
    }

    // A finding that filters hide, or that lies in a folded file, comes out when somebody links to it.
    function follow() {
      const target = document.getElementById(location.hash.slice(1));
      const finding = findings.find(({ element }) => element === target);
      if (!finding) return;
      if (!finding.isShown) clear();
      if (grouping !== "file") group("file");
      finding.file.open = true;
      reach(target);
    }

    // What was never in sight has a guessed height, so the way to a place is known only when one has gone it.
    function reach(element) {
      element.focus({ preventScroll: true });
      element.scrollIntoView({ block: "center" });
      requestAnimationFrame(() => element.scrollIntoView({ block: "center" }));
    }

    function step(by) {
      const stops = grouping === "file"
        ? findings.filter((finding) => finding.isShown && finding.file.open).map((finding) => finding.element)
        : all(".file[open] > .row > summary", views.rule);
      const stop = document.activeElement?.closest(".finding, .row > summary");
      const next = stops[stop ? stops.indexOf(stop) + by : 0];
      if (next) reach(next);
    }

    function fold() {
      const groups = all(".file", views[grouping]);
      const isOpen = groups.every((element) => !element.open);
      for (const element of groups) element.open = isOpen;
      one("#fold").textContent = isOpen ? "Fold all" : "Unfold all";
    }

    const KEYS = {
      "/": () => one("#search").focus(),
      j: () => step(1),
      k: () => step(-1),
      g: () => group(grouping === "file" ? "rule" : "file"),
    };
    const shortcuts = one("#shortcuts");
    shortcuts.checked = memory.read("keys") !== "off"; // WCAG 2.1.4: single keys can be switched off
    shortcuts.addEventListener("change", () => memory.write("keys", shortcuts.checked ? "on" : "off"));
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") return clear();
      const isTyping = event.target.matches("select, input:not([type=checkbox])");
      if (isTyping || !shortcuts.checked || !(event.key in KEYS)) return;
      event.preventDefault();
      KEYS[event.key]();
    });

    let waiting;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(update, 80);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    one("#clear").addEventListener("click", clear);
    one("#fold").addEventListener("click", fold);
    addEventListener("hashchange", follow);
    addEventListener("beforeprint", () => all(".file").forEach((element) => { element.open = true; }));

    const paths = [...new Set(findings.map((finding) => finding.path))].slice(0, MOST_OFFERED);
    one("#files").append(...paths.map((value) => make("option", { value })));
    one("#changed-lines").hidden = !findings.some((finding) => finding.isChanged);
    choice(one("#theme"), memory.read("theme") ?? "auto", setTheme);
    one("#theme").addEventListener("click", (event) => memory.write("theme", event.target.value || "auto"));
    const group = choice(one("#group"), "file", setGrouping);
    for (const element of all("#theme, #keys")) element.hidden = false;
    if (findings.length) {
      for (const element of [form, one(".toolbar")]) element.hidden = false;
      one(".layout").classList.add("filtered");
    }
    follow();
  }

  document.addEventListener("DOMContentLoaded", start);
})();
