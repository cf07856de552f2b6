// Moving a post to another day: by mouse, by finger, by keyboard. Without script there is "Move…" with a form.
(() => {
  const guide = document.querySelector('[data-moving]');
  if (!guide) return;
  const say = text => window.palinsesto.say(text);
  const words = guide.dataset;
  const dialog = document.querySelector('[data-moving-ask]');
  const cells = () => [...document.querySelectorAll('[data-day]')].filter(cell => cell.offsetParent !== null);
  const barred = cell => cell.hasAttribute('data-past');
  const label = cell => cell.dataset.label;
  const clear = () => { for (const cell of document.querySelectorAll('.target, .barred')) cell.classList.remove('target', 'barred'); };
  const aim = cell => { clear(); cell?.classList.add(barred(cell) ? 'barred' : 'target'); };
  const marked = isOn => document.body.classList.toggle('moving', isOn); // days that have passed are hatched meanwhile
  const chipOf = post => [...document.querySelectorAll(`a.chip[data-post="${post}"]`)].find(one => one.offsetParent !== null);

  // The page is asked again at its own address: pills, counts and "+N more" come out right wherever the post went.
  async function refresh(post) {
    const answer = await fetch(location.href, { credentials: 'same-origin', headers: { 'X-Fresh': 'yes' } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const place of document.querySelectorAll('[data-fresh]')) {
      const same = fresh.querySelector(`[data-fresh="${place.dataset.fresh}"]`);
      if (same) place.replaceWith(document.adoptNode(same));
    }
    chipOf(post)?.focus({ preventScroll: true });
  }

  async function ask(post, to, values) {
    const token = document.body.getAttribute('hx-headers:inherited') || '{}';
    const request = values
      ? { method: 'POST', body: new URLSearchParams({ to, ...values }), headers: JSON.parse(token) }
      : {};
    const address = `/posts/${post}/shift/` + (values ? '' : `?to=${encodeURIComponent(to)}`);
    let answer, told = {};
    try {
      answer = await fetch(address, { credentials: 'same-origin', ...request });
      told = await answer.json();
    } catch {
      return { why: words.failed };
    }
    return answer.ok ? told : { why: told.why || words.failed };
  }

  function confirmed(question) {
    return new Promise(resolve => {
      dialog.querySelector('[data-question]').textContent = question;
      dialog.returnValue = '';
      dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
      dialog.showModal();
      dialog.querySelector('h2').focus();
    });
  }

  // an approval that came meanwhile is not ended without a word either: the server asks first
  async function settle(post, to, values, asks) {
    let done = asks ? { asks } : await ask(post, to, values);
    if (done.asks) {
      if (!await confirmed(done.asks)) { say(words.stays); await refresh(post); return null; }
      done = await ask(post, to, { ...values, agreed: 'yes' });
    }
    await refresh(post);
    return done;
  }

  async function move(chip, to, version = chip.dataset.version) {
    const post = chip.dataset.post;
    const cost = await ask(post, to);
    if (cost.why) { await refresh(post); return window.palinsesto.toast(cost.why); }
    const done = await settle(post, to, { version }, cost.asks);
    if (!done) return;
    if (done.why) return window.palinsesto.toast(done.why);
    window.palinsesto.toast(done.said, done.undo && {
      label: words.undo,
      act: async () => {
        const back = await settle(post, done.undo, { version: done.version });
        if (back) window.palinsesto.toast(back.why || words.undone);
      },
    });
  }

  function drop(chip, cell) {
    if (!cell || cell === chip.closest('[data-day]')) return;
    if (barred(cell)) return window.palinsesto.toast(words.past);
    move(chip, cell.dataset.day);
  }

  // mouse after five pixels, finger after 350 ms of holding still
  let drag = null, justDragged = false;
  const movable = chip => chip && chip.closest('[data-fresh]') && chip.dataset.version;
  const refused = chip => { if (chip.hasAttribute('data-locked')) { window.palinsesto.toast(words.locked); return true; } return false; };

  function lift() {
    const box = drag.chip.getBoundingClientRect();
    drag.dx = drag.x - box.left; drag.dy = drag.y - box.top;
    drag.ghost = drag.chip.cloneNode(true);
    drag.ghost.removeAttribute('href'); drag.ghost.setAttribute('aria-hidden', 'true');
    drag.ghost.classList.add('ghost'); drag.ghost.style.width = `${box.width}px`;
    document.body.append(drag.ghost); drag.chip.classList.add('lifted'); marked(true);
    follow();
  }
  function follow() {
    drag.ghost.style.transform = `translate(${drag.x - drag.dx}px, ${drag.y - drag.dy}px)`;
    drag.cell = document.elementFromPoint(drag.x, drag.y)?.closest('[data-day]') || null;
    aim(drag.cell);
    const edge = 60;
    if (drag.y < edge) scrollBy(0, -12); else if (drag.y > innerHeight - edge) scrollBy(0, 12);
  }
  function end(isDropped) {
    if (!drag) return;
    const { chip, ghost, cell } = drag;
    clearTimeout(drag.hold);
    drag = null;
    if (!ghost) return;
    ghost.remove(); chip.classList.remove('lifted'); clear(); marked(false);
    justDragged = true; setTimeout(() => { justDragged = false; }, 0);
    if (isDropped) drop(chip, cell); else say(words.stays);
  }
  document.addEventListener('pointerdown', event => {
    const chip = event.target.closest?.('a.chip[data-post]');
    if (!movable(chip) || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    drag = { chip, x: event.clientX, y: event.clientY, x0: event.clientX, y0: event.clientY, isTouch: event.pointerType !== 'mouse' };
    if (drag.isTouch) drag.hold = setTimeout(() => { if (drag && (refused(chip) ? (drag = null) : true)) lift(); }, 350);
  });
  addEventListener('pointermove', event => {
    if (!drag) return;
    drag.x = event.clientX; drag.y = event.clientY;
    if (!drag.ghost) {
      if (Math.hypot(drag.x - drag.x0, drag.y - drag.y0) <= 5) return;
      if (drag.isTouch) return end(false);
      if (refused(drag.chip)) { justDragged = true; setTimeout(() => { justDragged = false; }, 300); drag = null; return; }
      lift();
    }
    event.preventDefault(); follow();
  }, { passive: false });
  addEventListener('pointerup', () => end(true));
  addEventListener('pointercancel', () => end(false));
  document.addEventListener('touchmove', event => { if (drag?.ghost) event.preventDefault(); }, { passive: false });
  document.addEventListener('dragstart', event => { if (event.target.closest?.('a.chip[data-post]')) event.preventDefault(); });
  document.addEventListener('contextmenu', event => { if (drag?.isTouch) event.preventDefault(); });
  document.addEventListener('click', event => {
    if (justDragged && event.target.closest?.('a.chip[data-post]')) { event.preventDefault(); event.stopPropagation(); }
  }, true);

  // keyboard: M picks up, arrows aim, Enter drops, Esc leaves it where it is
  let held = null;
  function putDown() { held.chip.classList.remove('picked'); clear(); marked(false); held = null; }
  function pickUp(chip) {
    if (refused(chip)) return;
    const all = cells();
    held = { chip, all, at: all.indexOf(chip.closest('[data-day]')) };
    chip.classList.add('picked'); marked(true); aim(all[held.at]); say(words.picked);
  }
  function step(by) {
    const next = held.all[held.at + by];
    if (!next) return;
    held.at += by; aim(next); next.scrollIntoView({ block: 'nearest' });
    say(label(next) + (barred(next) ? `, ${words.past}` : ''));
  }
  document.addEventListener('keydown', event => {
    if (event.key === 'Escape' && drag) return end(false);
    const chip = event.target.closest?.('a.chip[data-post]');
    if (!held) {
      if (!movable(chip) || event.key.toLowerCase() !== 'm' || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault(); return pickUp(chip);
    }
    const row = held.all[0]?.matches('td') ? 7 : 1;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[event.key];
    if (by) { event.preventDefault(); return step(by); }
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      const { chip: moved, all, at } = held;
      if (barred(all[at])) return say(`${label(all[at])}, ${words.past}`);
      putDown(); drop(moved, all[at]); moved.focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') { event.preventDefault(); putDown(); say(words.stays); }
  });
})();
