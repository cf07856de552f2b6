// The composer with script: lengths, sentences beside their fields and one preview, as the server reads what is typed.
// Without script the same buttons are those of the form.
(() => {
  const form = document.querySelector('[data-composer]');
  if (!form) return;
  document.documentElement.classList.add('has-script');
  const summary = document.querySelector('[data-summary]'), title = form.querySelector('#id_title');
  if (summary) summary.focus(); else if (!title.value && !matchMedia('(pointer: coarse)').matches) title.focus();
  const live = form.querySelector('[data-lengths]');
  const changed = () => form.dispatchEvent(new Event('change', { bubbles: true }));
  const typed = () => {
    const body = new FormData(form);
    for (const name of [...body.keys()]) if (name.endsWith('upload')) body.delete(name);
    return body;
  };
  const composer = window.palinsesto.composer = { form, changed, typed };

  // counted by the server as each platform counts: at once after the first letter, then a few times a second while
  // somebody writes on, one question at a time
  const FIRST_MS = 20, EVERY_MS = 150, LONGEST_MS = 8000;
  let waiting, isAsking = false, isStale = false, askedAt = 0;
  async function count() {
    waiting = undefined;
    if (isAsking) { isStale = true; return; }
    isAsking = true; isStale = false; askedAt = performance.now();
    const body = typed();
    body.delete('marks');
    try {
      const answer = await fetch(live.dataset.lengths, { method: 'POST', body, signal: AbortSignal.timeout?.(LONGEST_MS), headers: { 'X-CSRFToken': body.get('csrfmiddlewaretoken') } });
      if (answer.ok && !answer.redirected) show(await answer.text());
    } catch { /* the numbers stay as they are; saving counts again */ }
    isAsking = false;
    if (isStale) soon();
  }
  // a button that is pressed stays until it is let go: one put in its place would never hear of the click
  let isPressed = false, late;
  for (const begin of ['pointerdown', 'keydown']) live.addEventListener(begin, () => { isPressed = true; });
  for (const end of ['pointerup', 'pointercancel', 'keyup']) {
    addEventListener(end, () => setTimeout(() => { isPressed = false; if (late) show(late); }));
  }
  function show(html) {
    late = isPressed ? html : undefined;
    if (isPressed) return;
    const at = live.contains(document.activeElement) ? document.activeElement : null;
    const sheet = document.createElement('template');
    sheet.innerHTML = html;
    for (const slot of form.querySelectorAll('[data-slot]')) {
      const fill = sheet.content.querySelector(`[data-fills="${slot.dataset.slot}"]`);
      slot.replaceChildren(...(fill ? fill.content.querySelector('[data-slot]').childNodes : []));
      tie(slot);
    }
    for (const fill of sheet.content.querySelectorAll('[data-fills]')) fill.remove();
    const why = () => live.querySelector('#why-blocked')?.textContent || '', was = why();
    live.replaceChildren(sheet.content);
    if (!was && why()) window.palinsesto.say(why());
    if (at) live.querySelector(`[name="${at.name}"][value="${at.value}"]`)?.focus();
  }
  // who listens hears at the field what stands beside it
  function tie(slot) {
    const field = form.querySelector(`textarea[name="${slot.dataset.slot}"], input[name="${slot.dataset.slot}"]:not([type=file])`);
    if (!field) return;
    const others = (field.getAttribute('aria-describedby') || '').split(' ').filter(id => id && id !== slot.id);
    const told = slot.children.length ? [...others, slot.id] : others;
    field.toggleAttribute('aria-describedby', told.length > 0);
    if (told.length) field.setAttribute('aria-describedby', told.join(' '));
    if (slot.querySelector('.problem')) field.setAttribute('aria-invalid', 'true');
    else if (!slot.parentElement.querySelector('.field .error')) field.removeAttribute('aria-invalid');
  }
  const soon = () => { waiting ??= setTimeout(count, Math.max(FIRST_MS, askedAt + EVERY_MS - performance.now())); };
  form.addEventListener('input', event => { if (event.target.name !== 'preview') soon(); });
  form.addEventListener('change', soon);

  // the preview shows the channel whose own words are being written
  form.addEventListener('focusin', event => {
    const box = event.target.closest?.('.channel');
    const look = box && event.target.matches('textarea') && live.querySelector(`[name="preview"][value="${box.dataset.channelBox}"]`);
    if (look && !look.checked) { look.checked = true; soon(); }
  });

  // what differs on one channel starts from what all the others get
  form.addEventListener('change', event => {
    const box = event.target.closest?.('.channel'), at = box && `c${box.dataset.channelBox}-`, all = form.elements;
    if (!event.target.checked || !box) return;
    const begin = name => { if (!all[at + name].value) all[at + name].value = all[name].value; };
    if (event.target.matches('[data-own]')) { if (!all[`${at}text`].value) begin('link'); begin('text'); }
    if (event.target.matches('[data-own-hour]')) { begin('on'); begin('at'); }
    if (event.target.matches('[data-own-media]')) {
      const list = box.querySelector('[data-picture-list]');
      if (!list.children.length) for (const one of form.querySelectorAll('[data-pictures=""] [data-picture]')) list.append(lent(one, at));
    }
  });
  function lent(picture, at) {
    const copy = picture.cloneNode(true);
    for (const one of copy.querySelectorAll('*')) {
      for (const name of ['name', 'id', 'for', 'aria-describedby', 'data-slot']) {
        const value = one.getAttribute(name);
        if (value && value !== 'arrange') one.setAttribute(name, name === 'id' && value.startsWith('slot-') ? value.replace('slot-', `slot-${at}`) : at + value);
      }
      if (one.name === 'arrange') one.value = at + one.value;
    }
    for (const kind of ['textarea', 'select']) copy.querySelector(kind).value = picture.querySelector(kind).value;
    return copy;
  }

  // a thread grows and shrinks in place
  form.addEventListener('click', event => {
    const button = event.target.closest('button[name=arrange]'), parts = button?.closest('[data-parts]');
    if (!parts) return;
    event.preventDefault();
    const list = parts.querySelector('[data-part-list]'), part = button.closest('[data-part]');
    if (part && button.closest('[data-picture]')) return;
    if (part) {
      const next = part.nextElementSibling?.querySelector('textarea') || parts.querySelector('[value$=":more"]');
      part.remove(); next.focus();
    } else {
      const places = [...list.querySelectorAll('[name$="-part-place"]')].map(one => Number(one.value)), place = Math.max(-1, ...places) + 1;
      const fresh = document.createElement('template');
      fresh.innerHTML = parts.querySelector('template').innerHTML.replaceAll('-part-99-', `-part-${place}-`).replace('value="99"', `value="${place}"`);
      list.append(fresh.content);
      composer.wire(list.lastElementChild.querySelector('[data-pictures]'));
      list.lastElementChild.querySelector('textarea').focus();
    }
    changed();
  });
})();
