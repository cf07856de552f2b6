// Nothing typed is lost: a copy stays in this tab until the server has it, the server is asked soon after the last
// letter, and what stands in the bar is always what is true.
(() => {
  const composer = window.palinsesto.composer;
  if (!composer) return;
  const { form, typed } = composer, state = document.querySelector('[data-save-state]');
  const SOON_MS = 2000, AGAIN_MS = 10000, LEADS_ON = ['save', 'send', 'next'], OURS = ['csrfmiddlewaretoken', 'version', 'marks', 'key', 'told', 'preview'];
  let dirty = false, leaving = false, round = 0, timer, queue = Promise.resolve();

  const place = () => `palinsesto:kept:${form.dataset.person}:${location.pathname}${location.search}`;
  const entries = () => [...typed().entries()].filter(([name, value]) => name !== 'csrfmiddlewaretoken' && typeof value === 'string');
  const words = list => JSON.stringify(list.filter(([name, value]) => value && !OURS.includes(name) && name !== 'action'));
  function copy() { try { sessionStorage.setItem(place(), JSON.stringify(entries())); } catch { /* a full or forbidden store: leaving asks first all the same */ } }
  function forget() { try { sessionStorage.removeItem(place()); } catch { /* as above */ } }
  function kept() { try { return JSON.parse(sessionStorage.getItem(place())); } catch { return null; } }

  // what was typed before the session ended comes back through the server, so that pictures and channels come too
  function restore(list) {
    const again = document.createElement('form');
    again.method = 'post'; again.action = location.href; again.hidden = true;
    const add = (name, value) => { const input = document.createElement('input'); input.type = 'hidden'; input.name = name; input.value = value; again.append(input); };
    for (const [name, value] of list) if (name !== 'action') add(name, value);
    add('action', 'restore');
    add('csrfmiddlewaretoken', form.querySelector('[name=csrfmiddlewaretoken]').value);
    document.body.append(again);
    again.submit();
  }
  const before = form.hasAttribute('data-typed') ? null : kept();
  if (before && words(before) !== words(entries())) { leaving = true; restore(before); return; }
  if (before) forget();
  document.querySelector('[data-forget]')?.addEventListener('click', () => { forget(); leaving = true; });

  function say(text, kind, aloud) {
    state.textContent = text;
    state.dataset.kind = kind;
    if (aloud) window.palinsesto.say(text);
  }
  function signedOut() {
    say(`${form.dataset.signedOut} `, 'bad', true);
    const link = document.createElement('a');
    link.href = location.href; link.textContent = form.dataset.signIn;
    link.addEventListener('click', () => { copy(); leaving = true; });
    state.append(link);
  }

  function compare() {
    const button = document.createElement('button');
    button.type = 'button'; button.className = 'btn'; button.textContent = form.dataset.compare;
    button.addEventListener('click', () => ask('save'));
    state.append(' ', button);
  }

  // one question at a time, so that a version is never asked for twice
  function ask(action) { queue = queue.then(() => post(action)); return queue; }
  async function post(action) {
    clearTimeout(timer);
    const body = typed(), mine = round;
    body.set('action', action);
    if (state.dataset.kind !== 'bad') say(form.dataset.saving, 'busy');
    let answer, told;
    try {
      answer = await fetch(form.getAttribute('action'), { method: 'POST', body, headers: { 'X-CSRFToken': body.get('csrfmiddlewaretoken'), 'X-Composer': 'yes' } });
    } catch {
      say(form.dataset.offline, 'bad', state.dataset.kind !== 'bad');
      timer = setTimeout(() => ask('keep'), AGAIN_MS);
      return;
    }
    try { told = answer.redirected || answer.status === 403 ? null : await answer.json(); } catch { told = null; }
    if (!told) { if (answer.redirected || answer.status === 403) signedOut(); else say(form.dataset.offline, 'bad', true); return; }
    if (told.state === 'done') { forget(); leaving = true; location.assign(told.address); return; }
    if (told.state === 'again') { byHand(action); return; }
    if (told.state === 'saved') { stored(told, mine); return; }
    say(told.words, told.state === 'stale' ? 'bad' : 'wait', told.state === 'stale');
    if (told.state === 'stale') compare();
  }
  function stored(told, mine) {
    form.elements.version.value = told.version;
    form.elements.marks.value = told.marks;
    forget();
    form.setAttribute('action', told.address);
    history.replaceState(null, '', told.address); // a page that came back by POST is reloaded plainly from now on
    document.querySelector('[data-restored]')?.remove();
    if (mine !== round) { copy(); soon(); return; }
    dirty = false;
    say(told.words, 'good');
  }
  function byHand(action) {
    const input = document.createElement('input');
    input.type = 'hidden'; input.name = 'action'; input.value = action;
    form.append(input);
    leaving = true; copy();
    HTMLFormElement.prototype.submit.call(form);
  }

  const soon = () => { clearTimeout(timer); timer = setTimeout(() => ask('keep'), SOON_MS); };
  function touched(event) {
    if (event.target.name === 'preview') return;
    round += 1; dirty = true;
    if (state.dataset.kind !== 'bad') say(form.dataset.unsaved, 'wait');
    copy(); soon();
  }
  form.addEventListener('input', touched);
  form.addEventListener('change', touched);
  form.addEventListener('submit', event => {
    const button = event.submitter;
    if (button?.hasAttribute('data-blocked')) {
      event.preventDefault();
      window.palinsesto.say(form.querySelector('#why-blocked')?.textContent || '');
      return;
    }
    clearTimeout(timer);
    if (button?.name === 'action' && LEADS_ON.includes(button.value)) { event.preventDefault(); copy(); ask(button.value); return; }
    copy(); leaving = true;
  });
  addEventListener('beforeunload', event => { if (dirty && !leaving) event.preventDefault(); });
  addEventListener('pageshow', () => { leaving = false; });

  document.addEventListener('keydown', event => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const press = value => form.requestSubmit(form.querySelector(`.actions [name=action][value=${value}]`));
    if (event.key === 'Enter' && event.shiftKey) { event.preventDefault(); press('next'); return; }
    if (event.shiftKey) return;
    if (event.key === 's') { event.preventDefault(); if (document.querySelector('#cost') || form.hasAttribute('data-stale')) press('save'); else ask('keep'); }
    if (event.key === 'Enter' && form.querySelector('.actions [value=send]')) { event.preventDefault(); press('send'); }
  });
  if (form.hasAttribute('data-typed')) { dirty = true; say(form.dataset.unsaved, 'wait'); if (document.querySelector('[data-restored]')) soon(); }
})();
