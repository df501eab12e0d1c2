'use strict';
(() => {
  const PAGE = 100;
  const ROWS = 600;
  const CONTEXT = 3;
  const KINDS = {
    differs: 'differs', failed: 'failed', crashed: 'crashed', 'timed-out': 'timed out',
    flaky: 'flaky', broken: 'broken file', orphan: 'orphan', schema: 'schema',
  };
  const data = JSON.parse(document.getElementById('data').textContent);
  const { clusters, models } = data;
  // The largest cluster comes first, with its example first. Flaky cases are not failures, and come last.
  const rank = (one) => one.cluster ?? clusters.length;
  const isExample = (one) => rank(one) < clusters.length && clusters[rank(one)].example === one.name;
  data.failures.sort((one, other) => rank(one) - rank(other) || isExample(other) - isExample(one));
  const cases = data.failures.concat(data.flaky);
  const narrow = matchMedia('(max-width: 46rem)');
  const place = (id) => document.getElementById(id);

  // All text of the report goes through here, and never through HTML.
  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
      else if (name === 'class') node.className = value;
      else node.setAttribute(name, value === true ? '' : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
  };
  const count = (number) => number.toLocaleString('en-US');
  const moreText = (rest) => (rest > PAGE ? `Show ${PAGE} more of ${count(rest)}` : `Show ${rest} more`);
  const plural = (number, word) => `${count(number)} ${word}${number === 1 ? '' : 's'}`;

  const short = (number) => {
    const size = Math.abs(number);
    if (size !== 0 && (size < 1e-4 || size >= 1e15)) return number.toExponential(2).replace(/\.?0+e/, 'e');
    return String(Number(number.toPrecision(3)));
  };
  const change = (old, now) => {
    const number = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
    if (old === undefined || now === undefined || !number.test(old) || !number.test(now)) return '';
    const [from, to] = [Number(old), Number(now)];
    const by = from === 0 ? to - from : ((to - from) / Math.abs(from)) * 100;
    if (!Number.isFinite(by) || by === 0) return '';
    return `${by > 0 ? '+' : '\u2212'}${short(Math.abs(by))}${from === 0 ? '' : ' %'}`;
  };

  /** What became of each item: pairs of indices, `-1` where one side has none. */
  const align = (old, now, limit) => {
    let start = 0;
    let [oldEnd, nowEnd] = [old.length, now.length];
    while (start < oldEnd && start < nowEnd && old[start] === now[start]) start += 1;
    while (oldEnd > start && nowEnd > start && old[oldEnd - 1] === now[nowEnd - 1]) {
      oldEnd -= 1;
      nowEnd -= 1;
    }
    const pairs = [];
    for (let at = 0; at < start; at += 1) pairs.push([at, at]);
    for (const [one, other] of middle(old.slice(start, oldEnd), now.slice(start, nowEnd), limit)) {
      pairs.push([one < 0 ? -1 : one + start, other < 0 ? -1 : other + start]);
    }
    for (let at = 0; at < old.length - oldEnd; at += 1) pairs.push([oldEnd + at, nowEnd + at]);
    return pairs;
  };

  /** Myers' shortest edit script; where it is longer than `limit`, all is replaced. */
  const middle = (old, now, limit) => {
    const [n, m] = [old.length, now.length];
    const replaced = () => [...old.map((_, at) => [at, -1]), ...now.map((_, at) => [-1, at])];
    if (n === 0 || m === 0) return replaced();
    const most = Math.min(n + m, limit);
    const offset = most + 1;
    const reach = new Int32Array(2 * most + 3);
    const trace = [];
    for (let d = 0; d <= most; d += 1) {
      trace.push(reach.slice(offset - d - 1, offset + d + 2));
      for (let k = -d; k <= d; k += 2) {
        const down = k === -d || (k !== d && reach[offset + k - 1] < reach[offset + k + 1]);
        let x = down ? reach[offset + k + 1] : reach[offset + k - 1] + 1;
        let y = x - k;
        while (x < n && y < m && old[x] === now[y]) {
          x += 1;
          y += 1;
        }
        reach[offset + k] = x;
        if (x >= n && y >= m) return walk(trace, n, m);
      }
    }
    return replaced();
  };

  const walk = (trace, n, m) => {
    const pairs = [];
    let [x, y] = [n, m];
    for (let d = trace.length - 1; d >= 0; d -= 1) {
      // The row holds the diagonals -d-1 to d+1.
      const row = trace[d];
      const at = (k) => row[k + d + 1];
      const k = x - y;
      const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
      const before = down ? k + 1 : k - 1;
      const fromX = d === 0 ? 0 : at(before);
      const fromY = d === 0 ? 0 : fromX - before;
      while (x > fromX && y > fromY && x > 0 && y > 0) {
        x -= 1;
        y -= 1;
        pairs.push([x, y]);
      }
      if (d === 0) break;
      pairs.push(down ? [-1, fromY] : [fromX, -1]);
      [x, y] = [fromX, fromY];
    }
    return pairs.reverse();
  };

  /** JSON on lines of its own, every number as it is written. */
  const pretty = (json) => {
    const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) || [];
    let out = '';
    let depth = 0;
    const line = () => `\n${'  '.repeat(depth)}`;
    for (const [at, token] of tokens.entries()) {
      if (token === '{' || token === '[') {
        depth += 1;
        const isEmpty = tokens[at + 1] === '}' || tokens[at + 1] === ']';
        out += token + (isEmpty ? '' : line());
      } else if (token === '}' || token === ']') {
        depth -= 1;
        const isEmpty = tokens[at - 1] === '{' || tokens[at - 1] === '[';
        out += (isEmpty ? '' : line()) + token;
      } else if (token === ',') out += token + line();
      else out += token === ':' ? ': ' : token;
    }
    return out;
  };

  const WORDS = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[\p{L}\p{N}_]+|\s+|./gsu;

  /** The pieces of two lines, each `[text, differs]`. */
  const words = (old, now) => {
    const [left, right] = [old.match(WORDS) || [], now.match(WORDS) || []];
    if (left.length + right.length > 2000) return [[[old, true]], [[now, true]]];
    const [before, after] = [[], []];
    const push = (list, text, differs) => {
      const last = list[list.length - 1];
      if (last && last[1] === differs) last[0] += text;
      else list.push([text, differs]);
    };
    for (const [one, other] of align(left, right, 400)) {
      if (one >= 0) push(before, left[one], other < 0);
      if (other >= 0) push(after, right[other], one < 0);
    }
    return [before, after];
  };

  const keyOf = (line) => (/^\s*"((?:[^"\\]|\\.)*)":/.exec(line) || [])[1];

  /** Puts lines that were taken out beside lines that came in their stead: by key, else in order. */
  const beside = (gone, come, old, now) => {
    const rows = [];
    if (gone.length === come.length) return gone.map((one, at) => [one, come[at]]);
    const keys = come.map((other) => keyOf(now[other]));
    let next = 0;
    for (const one of gone) {
      const key = keyOf(old[one]);
      let match = -1;
      for (let at = next; at < come.length; at += 1) {
        if (keys[at] === key) {
          match = at;
          break;
        }
      }
      if (match < 0) {
        rows.push([one, -1]);
        continue;
      }
      for (; next < match; next += 1) rows.push([-1, come[next]]);
      rows.push([one, come[match]]);
      next = match + 1;
    }
    for (; next < come.length; next += 1) rows.push([-1, come[next]]);
    return rows;
  };

  /**
   * Moves each run of lines that only one side has to where it begins with what opens it: an
   * element that was put in is shown from `{` to `}`, not from the end of the one before.
   */
  const slide = (pairs, lines, side) => {
    const other = 1 - side;
    const isOnly = (pair) => pair !== undefined && pair[other] < 0;
    const isSame = (pair) => pair !== undefined && pair[0] >= 0 && pair[1] >= 0;
    const text = (pair) => lines[pair[side]];
    const cost = (pair) => 2 * /^\s*/.exec(text(pair))[0].length + (/^\s*[}\]]/.test(text(pair)) ? 1 : 0);
    const set = (pair, partner) => (side === 0 ? [pair[0], partner] : [partner, pair[1]]);
    // The line at `from` is the other side's no more, the equal one at `to` is.
    const hand = (from, to) => {
      const partner = pairs[from][other];
      pairs[from] = set(pairs[from], -1);
      pairs[to] = set(pairs[to], partner);
    };
    for (let at = 0; at < pairs.length; at += 1) {
      if (!isOnly(pairs[at])) continue;
      let [start, end] = [at, at + 1];
      while (isOnly(pairs[end])) end += 1;
      for (; isSame(pairs[start - 1]) && text(pairs[start - 1]) === text(pairs[end - 1]); start -= 1, end -= 1) hand(start - 1, end - 1);
      let [best, least, steps] = [0, cost(pairs[start]), 0];
      for (; isSame(pairs[end]) && text(pairs[start]) === text(pairs[end]); start += 1, end += 1) {
        hand(end, start);
        steps += 1;
        if (cost(pairs[start + 1]) <= least) [best, least] = [steps, cost(pairs[start + 1])];
      }
      for (; steps > best; steps -= 1, start -= 1, end -= 1) hand(start - 1, end - 1);
      at = Math.max(at, end);
    }
  };

  /** Rows of a diff: `{ old, now, same }`, indices into the lines. */
  const compare = (old, now) => {
    // A comma added because another line follows is not a difference.
    const bare = (line) => line.replace(/,$/, '');
    const rows = [];
    let [gone, come] = [[], []];
    const flush = () => {
      for (const [one, other] of beside(gone, come, old, now)) rows.push({ old: one, now: other, same: false });
      [gone, come] = [[], []];
    };
    const [left, right] = [old.map(bare), now.map(bare)];
    const pairs = align(left, right, 1500);
    slide(pairs, left, 0);
    slide(pairs, right, 1);
    for (const [one, other] of pairs) {
      if (one >= 0 && other >= 0) {
        flush();
        rows.push({ old: one, now: other, same: true });
      } else if (one >= 0) gone.push(one);
      else come.push(other);
    }
    flush();
    return rows;
  };

  const pieces = (list) => list.map(([text, differs]) => (differs ? make('mark', null, text) : text));

  const drawRow = (row, old, now, unified) => {
    const at = (index) => (index < 0 ? '' : String(index + 1));
    if (row.same) {
      if (unified) {
        return [make('tr', null, make('td', { class: 'at' }, at(row.now)), make('td', { class: 'sign' }), make('td', null, now[row.now]))];
      }
      return [make('tr', null,
        make('td', { class: 'at' }, at(row.old)), make('td', { class: 'sign' }), make('td', null, old[row.old]),
        make('td', { class: 'at half' }, at(row.now)), make('td', { class: 'sign' }), make('td', null, now[row.now]))];
    }
    let left = row.old < 0 ? null : [[old[row.old], false]];
    let right = row.now < 0 ? null : [[now[row.now], false]];
    if (left && right) [left, right] = words(old[row.old], now[row.now]);
    const half = (index, list, name, sign, edge) => (list
      ? [make('td', { class: `at ${name}${edge}` }, at(index)), make('td', { class: `sign ${name}` }, sign), make('td', { class: name }, pieces(list))]
      : [make('td', { class: `at void${edge}` }), make('td', { class: 'void' }), make('td', { class: 'void' })]);
    if (!unified) {
      return [make('tr', null, half(row.old, left, 'del', '\u2212', ''), half(row.now, right, 'ins', '+', ' half'))];
    }
    return [
      left && make('tr', null, half(row.old, left, 'del', '\u2212', '')),
      right && make('tr', null, half(row.now, right, 'ins', '+', '')),
    ];
  };

  /** Rows that follow one another; unified, what was taken out stands before what came in. */
  const drawRun = (run, old, now, unified) => {
    const drawn = run.map((row) => drawRow(row, old, now, unified));
    return [0, 1].flatMap((side) => drawn.map((pair) => pair[side]).filter(Boolean));
  };

  /** Rows parted into those that are alike and those that are not. */
  const runs = (rows) => {
    const parts = [];
    for (const row of rows) {
      const last = parts[parts.length - 1];
      if (last && last[0].same === row.same) last.push(row);
      else parts.push([row]);
    }
    return parts;
  };

  const drawDiff = (recorded, now) => {
    const [left, right] = [pretty(recorded).split('\n'), pretty(now).split('\n')];
    const unified = narrow.matches;
    const rows = compare(left, right);
    const columns = unified ? 3 : 6;
    const body = make('tbody');
    const draw = (run) => drawRun(run, left, right, unified);
    const fold = (text, hidden) => {
      const button = make('button', { type: 'button' }, text);
      const line = make('tr', { class: 'fold' }, make('td', { colspan: columns }, button));
      button.addEventListener('click', () => line.replaceWith(...runs(hidden).flatMap(draw)));
      return line;
    };
    let drawn = 0;
    for (const run of runs(rows)) {
      const [isFirst, isLast] = [run[0] === rows[0], run[run.length - 1] === rows[rows.length - 1]];
      if (drawn > ROWS) {
        const rest = rows.slice(rows.indexOf(run[0]));
        body.append(fold(`Show ${plural(rest.length, 'more line')}`, rest));
        break;
      }
      const start = isFirst ? 0 : CONTEXT;
      const end = run.length - (isLast ? 0 : CONTEXT);
      if (run[0].same && end - start > CONTEXT) {
        body.append(...draw(run.slice(0, start)), fold(`${plural(end - start, 'line')} alike`, run.slice(start, end)), ...draw(run.slice(end)));
        drawn += 2 * CONTEXT;
      } else {
        const shown = run.slice(0, ROWS);
        body.append(...draw(shown));
        if (shown.length < run.length) body.append(fold(`Show ${plural(run.length - ROWS, 'more line')}`, run.slice(ROWS)));
        drawn += shown.length;
      }
    }
    const heads = unified
      ? [make('th', { colspan: 3, scope: 'col' }, `\u2212 ${data.old[0].toLowerCase() + data.old.slice(1)}, + now`)]
      : [make('th', { colspan: 3, scope: 'col' }, data.old), make('th', { colspan: 3, scope: 'col', class: 'half' }, 'Now')];
    const widths = unified ? ['at', 'sign', ''] : ['at', 'sign', '', 'at', 'sign', ''];
    return make('div', { class: 'diff' }, make('table', null,
      make('colgroup', null, widths.map((name) => make('col', { class: name }))),
      make('thead', null, make('tr', null, heads)), body));
  };

  const drawHead = () => {
    if (data.leftOut > 0) {
      place('messages').append(make('div', { class: 'notice' },
        make('b', null, `${plural(data.leftOut, 'failure')} left out here`),
        make('pre', null, 'Of each kind of change the first ones are in this page. All are in report.json.')));
    }
  };

  const state = { words: [], model: '', kind: '', cluster: -1, shown: PAGE, shownChanges: narrow.matches ? 4 : PAGE, isChosen: true };
  const open = new Set();
  let found = [];
  let texts = null;

  const textOf = (one) => [one.name, one.label, one.file, KINDS[one.kind], one.reason, one.printed, one.env, one.input,
    ...one.differences.flatMap((place) => [place.at, place.old, place.now, place.note])].join('\n').toLowerCase();

  const search = () => {
    if (state.words.length > 0 && !texts) texts = cases.map(textOf);
    const counts = new Array(clusters.length).fill(0);
    found = [];
    let matched = 0;
    for (let at = 0; at < cases.length; at += 1) {
      const one = cases[at];
      if (state.model && one.model !== state.model) continue;
      if (state.kind && one.kind !== state.kind) continue;
      if (!state.words.every((word) => texts[at].includes(word))) continue;
      matched += 1;
      if (one.cluster !== undefined) counts[one.cluster] += 1;
      if (state.cluster < 0 || one.cluster === state.cluster) found.push(at);
    }
    if (state.cluster >= 0) {
      const example = clusters[state.cluster].example;
      const first = found.findIndex((at) => cases[at].name === example);
      if (first > 0) found.unshift(...found.splice(first, 1));
    }
    return { counts, matched };
  };

  const isFiltered = () => state.words.length > 0 || state.model !== '' || state.kind !== '';

  const refresh = () => {
    const { counts, matched } = search();
    drawChanges(counts, matched);
    drawCluster();
    drawList(matched);
    const total = state.cluster >= 0 ? clusters[state.cluster].cases : cases.length + data.leftOut;
    place('found').textContent = found.length === total
      ? plural(total, 'case') : `${count(found.length)} of ${plural(total, 'case')}`;
  };

  const reset = (changes) => {
    Object.assign(state, { shown: PAGE }, changes);
    open.clear();
    rememberFilters();
  };

  /** By how much: the range of numbers, or which values became which. */
  const byOf = (place) => (place.change ? place.by : place.by.replaceAll(' -> ', ' \u2192 ').replace(/, \.\.$/, ', \u2026'));

  const drawChanges = (counts, matched) => {
    const filtered = isFiltered();
    const largest = Math.max(1, ...clusters.map((cluster) => cluster.cases));
    const pick = (at) => () => {
      reset({ cluster: at, isChosen: true });
      const first = at >= 0 ? cases.find((one) => one.name === clusters[at].example && one.cluster === at) : null;
      if (first) open.add(first);
      refresh();
      const isStacked = matchMedia('(max-width: 60rem)').matches;
      const top = place(isStacked ? 'cases' : 'columns').getBoundingClientRect().top + scrollY - place('tools').offsetHeight;
      if (scrollY > top || isStacked) scrollTo(0, top - (isStacked ? 8 : 0));
    };
    const all = make('button', { class: 'change', type: 'button', 'aria-pressed': String(state.cluster < 0), onclick: pick(-1) },
      make('span', { class: 'line' }, make('span', { class: 'what' }, data.all), ' ',
        make('span', { class: 'number' }, count(filtered ? matched : cases.length + data.leftOut))));
    const seen = clusters.map((_, at) => at).filter((at) => !filtered || counts[at] > 0 || at === state.cluster);
    const buttons = seen.slice(0, state.shownChanges).map((at) => {
      const cluster = clusters[at];
      const share = make('i');
      share.style.width = `${((filtered ? counts[at] : cluster.cases) / largest) * 100}%`;
      return make('button', { class: 'change', type: 'button', 'aria-pressed': String(state.cluster === at), onclick: pick(at) },
        make('span', { class: 'line' },
          make('span', { class: cluster.reason ? 'what words' : 'what mono', title: cluster.place },
            cluster.reason ? cluster.place : pathNode(cluster.place)), ' ',
          make('span', { class: 'number' }, count(filtered ? counts[at] : cluster.cases))),
        ' ', make('div', { class: 'under' }, cluster.model), ' ',
        cluster.places.length === 1 && cluster.places[0].by
          ? make('div', { class: 'under by mono', title: cluster.places[0].by }, byOf(cluster.places[0])) : null,
        largest > 1 ? make('div', { class: 'share', 'aria-hidden': 'true' }, share) : null);
    });
    const rest = seen.length - buttons.length;
    const more = rest > 0 ? make('button', { class: 'more', type: 'button', onclick: () => {
      state.shownChanges += PAGE;
      refresh();
    } }, moreText(rest)) : null;
    place('changes').replaceChildren(all, ...buttons, ...(more ? [more] : []));
  };

  const drawCluster = () => {
    const cluster = clusters[state.cluster];
    if (!cluster) {
      place('cluster').replaceChildren();
      return;
    }
    const facts = [['Model', make('code', null, cluster.model)], ['Cases', count(cluster.cases)]];
    const [only] = cluster.places.length === 1 ? cluster.places : [];
    // The plots and tables of the page without scripts, which has those of the largest clusters.
    const figures = document.querySelector(`#change-${state.cluster} .figures`);
    if (figures && figures.childElementCount > 0) {
      if (only && only.change) facts.push(['By how much', make('code', null, byOf(only))]);
    } else if (!only) {
      for (const place of cluster.places) {
        const some = place.cases < cluster.cases ? ` in ${count(place.cases)}` : '';
        facts.push([pathNode(place.name), [make('code', null, byOf(place) || 'differs'), some]]);
      }
    } else if (only.change || only.transitions.length === 1) {
      facts.push(['By how much', make('code', null, byOf(only))]);
    } else {
      for (const [at, one] of only.transitions.entries()) {
        facts.push([at === 0 ? 'Mostly' : '', [make('code', null, `${one.old} \u2192 ${one.new}`), ` in ${count(one.cases)}`]]);
      }
    }
    if (cluster.accept) facts.push(['Accept all', [make('code', null, cluster.accept), ' ', copyButton(cluster.accept)]]);
    const embedded = cases.reduce((sum, one) => sum + (one.cluster === state.cluster ? 1 : 0), 0);
    if (embedded < cluster.cases) facts.push(['Here', `the first ${count(embedded)}; all are in report.json`]);
    place('cluster').replaceChildren(make('div', { class: 'about-cluster' },
      make('h3', { class: cluster.reason ? '' : 'mono' }, cluster.reason ? cluster.place : pathNode(cluster.place)),
      make('dl', null, facts.flatMap(([term, text]) => [make('dt', null, term), make('dd', null, text)])),
      figures ? figures.cloneNode(true) : null));
  };

  /** A path that breaks between its parts, and not in the middle of a word. */
  const pathNode = (text) => make('span', null, text.split(/(?=\/)/).flatMap((part, at) => (at > 0 ? [make('wbr'), part] : [part])));

  const copyButton = (command) => {
    if (!navigator.clipboard) return null;
    const copy = make('button', { class: 'copy', type: 'button', 'aria-label': `copy ${command}`, onclick: () => {
      const done = () => {
        copy.textContent = 'copied';
        setTimeout(() => { copy.textContent = 'copy'; }, 1200);
      };
      navigator.clipboard.writeText(command).then(done, () => {});
    } }, 'copy');
    return copy;
  };

  const shortName = (one) => (one.name.startsWith(`${one.model}::`) ? one.name.slice(one.model.length + 2) : one.name);

  const headline = (one) => {
    const first = (state.cluster >= 0 && one.differences.find((place) => place.path === clusters[state.cluster].places[0]?.path)) || one.differences[0];
    if (!first) return [one.reason.split('\n')[0]];
    const more = one.differences.length - 1 + one.more;
    const value = (text) => (text === undefined ? '(nothing)' : text.length > 60 ? `${text.slice(0, 60)}\u2026` : text);
    return [`${first.at || '(all of it)'} `, make('span', { class: 'old' }, value(first.old)), ' \u2192 ',
      make('span', { class: 'new' }, value(first.now)), more > 0 ? `  and ${count(more)} more` : ''];
  };

  const drawCase = (one) => {
    const button = make('button', { class: 'row', type: 'button', 'aria-expanded': 'false' },
      make('span', { class: 'arrow', 'aria-hidden': 'true' }),
      make('span', { class: 'title' }, make('b', null, shortName(one)), ' ',
        one.label && one.name.split(/[/:]/).pop() !== one.label ? [make('span', { class: 'label' }, one.label), ' '] : null,
        make('span', null, one.model)), ' ',
      make('span', { class: 'head' },
        one.kind === 'differs' ? null : make('span', { class: one.kind === 'flaky' ? 'tag warn' : 'tag bad' }, KINDS[one.kind]),
        headline(one)));
    const node = make('article', { class: 'case' }, button);
    node.report = one;
    const toggle = (to) => {
      button.setAttribute('aria-expanded', String(to));
      node.classList.toggle('open', to);
      if (to) {
        open.add(one);
        node.append(drawDetail(one));
      } else {
        open.delete(one);
        node.lastChild.remove();
      }
    };
    button.addEventListener('click', () => {
      toggle(!open.has(one));
      if (open.has(one)) remember(one.name);
    });
    if (open.has(one)) toggle(true);
    return node;
  };

  /** Text of a case. One that may scroll can be reached with the keyboard. */
  const block = (text, name) => make('pre', { class: name || 'text', tabindex: text.length > 400 || text.split('\n').length > 10 ? 0 : null }, text);

  const drawDetail = (one) => {
    const parts = [];
    const command = `${data.command} ${one.name}`;
    parts.push(make('div', { class: 'facts' },
      make('span', null, make('code', null, /\.jsonl$/.test(one.file) || one.line > 1 ? `${one.file}:${one.line}` : one.file)),
      one.kind === 'orphan' ? null : make('span', null, make('code', null, command), ' ', copyButton(command))));
    if (one.reason) parts.push(block(one.reason, 'text bad'));
    if (one.differences.length > 0) parts.push(drawPlaces(one));
    if (one.recorded !== undefined && one.now !== undefined) parts.push(drawDiff(one.recorded, one.now));
    else if (one.recorded !== undefined || one.now !== undefined) {
      const title = one.recorded !== undefined ? data.old : 'Now';
      parts.push(make('div', null, make('h4', null, title), block(pretty(one.recorded ?? one.now))));
    } else if (one.kind === 'differs') {
      parts.push(make('p', { class: 'dim' }, 'The outcomes are too large to be shown here.'));
    }
    for (const [title, text] of [['Environment', one.env], ['Input', one.input]]) {
      if (text !== undefined) parts.push(make('div', null, make('h4', null, title), block(pretty(text))));
    }
    if (one.printed) parts.push(make('div', null, make('h4', null, 'Printed'), block(one.printed)));
    return make('div', { class: 'detail' }, parts);
  };

  const drawPlaces = (one) => {
    const value = (text, name) => (text === undefined
      ? make('td', { class: name }, make('span', { class: 'none' }, 'nothing'))
      : make('td', { class: name }, text));
    const rows = one.differences.map((place) => make('tr', null,
      make('td', null, place.at ? pathNode(place.at) : '(all of it)', place.note ? make('span', { class: 'note' }, place.note) : null),
      value(place.old, 'old'), value(place.now, 'new'), make('td', { class: 'by' }, change(place.old, place.now))));
    if (one.more > 0) rows.push(make('tr', null, make('td', { class: 'dim', colspan: 4 }, `and ${plural(one.more, 'more place')}`)));
    const heads = ['Place', data.old, 'Now', 'Change'].map((text) => make('th', { scope: 'col' }, text));
    return make('div', { class: 'places' }, make('table', null, make('thead', null, make('tr', null, heads)), make('tbody', null, rows)));
  };

  const drawList = (matched) => {
    const list = place('list');
    if (found.length === 0) {
      // Of another change there may be some.
      const elsewhere = state.cluster >= 0 ? matched : 0;
      const clear = make('button', { class: 'copy', type: 'button', onclick: () => {
        if (elsewhere === 0) for (const id of ['search', 'model', 'kind']) place(id).value = '';
        reset(elsewhere > 0 ? { cluster: -1 } : { words: [], model: '', kind: '', cluster: -1 });
        refresh();
      } }, elsewhere > 0 ? `show ${plural(elsewhere, 'case')} of other changes` : 'show all');
      list.replaceChildren(make('div', { class: 'empty' }, 'No case is like that.', clear));
      return;
    }
    list.replaceChildren(...found.slice(0, state.shown).map((at) => drawCase(cases[at])));
    addMore();
  };

  const addMore = () => {
    const rest = found.length - state.shown;
    if (rest <= 0) return;
    const more = make('button', { class: 'more', type: 'button', onclick: () => {
      const next = found.slice(state.shown, state.shown + PAGE).map((at) => drawCase(cases[at]));
      state.shown += PAGE;
      more.replaceWith(...next);
      next[0].querySelector('button').focus();
      addMore();
    } }, moreText(rest));
    place('list').append(more);
  };

  const duration = (micros) => (micros < 1e6 ? `${Math.max(1, Math.round(micros / 1e3))} ms` : `${(micros / 1e6).toFixed(1)} s`);

  const drawModels = (most) => {
    const number = (value, bad) => make('td', { class: `count${value === 0 ? ' zero' : bad ? ' some' : ''}` }, count(value));
    const rows = models.slice(0, most).map((model) => {
      const name = model.failed + model.flaky > 0
        ? make('button', { type: 'button', onclick: () => {
          place('model').value = model.id;
          reset({ model: model.id, cluster: -1 });
          refresh();
          place('tools').scrollIntoView();
        } }, model.id)
        : make('code', null, model.id);
      return make('tr', null, make('td', null, name),
        make('td', { class: 'dim source' }, model.file ? make('code', null, `${model.file}:${model.line}`) : 'not in the code'),
        number(model.passed), number(model.failed, true), number(model.flaky), number(model.skipped),
        make('td', { class: 'count' }, model.micros ? duration(model.micros) : ''));
    });
    const heads = [['Model', ''], ['Source', 'source'], ['Passed', 'count'], ['Failed', 'count'], ['Flaky', 'count'], ['Skipped', 'count'], ['Time', 'count']];
    const table = make('table', null,
      make('thead', null, make('tr', null, heads.map(([text, name]) => make('th', { class: name, scope: 'col' }, text)))),
      make('tbody', null, rows));
    const rest = models.length - most;
    place('models').replaceChildren(table, ...(rest > 0
      ? [make('button', { class: 'more', type: 'button', onclick: () => drawModels(most + PAGE) }, moreText(rest))]
      : []));
  };

  const setAddress = (hash) => {
    try {
      history.replaceState(null, '', hash || location.pathname + location.search);
    } catch {
      // Some browsers don't let a file's address change.
    }
  };

  /** So that a link to the page leads to the case. */
  const remember = (name) => setAddress(`#${encodeURIComponent(name)}`);

  // So that a link leads to the cluster and the filters. A case's name has no `=`.
  const rememberFilters = () => {
    const kept = new URLSearchParams();
    const cluster = clusters[state.cluster];
    if (cluster) {
      kept.set('cluster', cluster.id);
    }
    for (const name of ['model', 'kind']) if (state[name]) kept.set(name, state[name]);
    if (state.words.length > 0) kept.set('search', state.words.join(' '));
    const text = kept.toString();
    setAddress(text && `#?${text}`);
  };

  const filtersFromAddress = () => {
    if (!location.hash.startsWith('#?')) return false;
    const kept = new URLSearchParams(location.hash.slice(2));
    const find = (one) => one.id === kept.get('cluster');
    const words = (kept.get('search') || '').toLowerCase().split(/\s+/).filter(Boolean);
    place('search').value = words.join(' ');
    for (const name of ['model', 'kind']) place(name).value = kept.get(name) || '';
    Object.assign(state, {
      shown: PAGE, words, model: place('model').value, kind: place('kind').value, cluster: clusters.findIndex(find),
    });
    open.clear();
    refresh();
    return true;
  };

  const fromAddress = () => {
    if (filtersFromAddress()) return true;
    let name = '';
    try {
      name = decodeURIComponent(location.hash.slice(1));
    } catch {
      return false;
    }
    const at = cases.findIndex((one) => one.name === name);
    if (at < 0) return false;
    open.add(cases[at]);
    for (const id of ['search', 'model', 'kind']) place(id).value = '';
    Object.assign(state, { shown: Math.max(PAGE, at + 1), words: [], model: '', kind: '', cluster: -1 });
    refresh();
    place('list').children[at].scrollIntoView();
    return true;
  };

  const fillSelect = (id, first, options) => {
    place(id).append(make('option', { value: '' }, first), ...options.map(([value, text]) => make('option', { value }, text)));
    place(id).addEventListener('change', (event) => {
      reset({ [id]: event.target.value, cluster: -1 });
      refresh();
    });
  };

  const start = () => {
    drawHead();
    drawModels(PAGE);
    if (cases.length === 0) return;
    place('tools').hidden = false;
    place('columns').hidden = false;
    const inCases = (key) => [...new Set(cases.map((one) => one[key]))].sort();
    fillSelect('model', 'All models', inCases('model').map((id) => [id, id]));
    fillSelect('kind', 'All kinds', inCases('kind').map((kind) => [kind, KINDS[kind]]));
    let timer;
    place('search').addEventListener('input', (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
        // The change that the page begins with was not chosen: the search is over all.
        reset(state.isChosen ? { words } : { words, cluster: -1, isChosen: true });
        refresh();
      }, 60);
    });
    place('keys').parentNode.hidden = false;
    const hint = [['/', 'search'], ['j', 'next case'], ['k', 'previous'], ['Enter', 'open or close']];
    place('keys').append(...hint.flatMap(([key, text]) => [make('kbd', null, key), ` ${text}\u2003`]));
    document.addEventListener('keydown', (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape' && event.target.id === 'search') event.target.blur();
      if (typing) return;
      if (event.key === '/') {
        event.preventDefault();
        place('search').focus();
        place('search').select();
      } else if (event.key === 'j' || event.key === 'k') {
        const rows = [...document.querySelectorAll('.row')];
        const at = rows.findIndex((row) => row.parentNode.contains(document.activeElement));
        const next = at < 0 ? rows[0] : rows[at + (event.key === 'j' ? 1 : -1)];
        if (next) {
          next.focus();
          next.scrollIntoView({ block: 'nearest' });
        }
      }
    });
    narrow.addEventListener('change', refresh);
    addEventListener('hashchange', fromAddress);
    if (!fromAddress()) {
      // The largest change, with its plots and its example.
      if (clusters.length > 0) Object.assign(state, { cluster: 0, isChosen: false });
      open.add(cases[0]);
      refresh();
    }
  };

  // What the page shows without scripts.
  for (const id of ['overview', 'plain']) if (place(id)) place(id).hidden = true;
  start();
})();
