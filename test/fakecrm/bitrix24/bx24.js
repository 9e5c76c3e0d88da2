// What a page inside of a portal loads as BX24: a small part of the real one, with
// the same names. It talks to the page around it, see frame.html.
(() => {
  const waiting = new Map(), bound = new Map()
  let last = 0, state = null
  const ask = (name, params, done) => {
    const id = ++last
    waiting.set(id, done || (() => {}))
    parent.postMessage({ bx24: 'ask', id, name, params }, '*')
  }
  addEventListener('message', ({ source, data }) => {
    if (source !== parent || !data) return
    if (data.bx24 === 'answer') {
      const done = waiting.get(data.id)
      waiting.delete(data.id)
      if (done) done(data.answer)
    }
    if (data.bx24 === 'event') for (const told of bound.get(data.event) || []) told(...data.args)
  })
  window.BX24 = {
    init: done => ask('init', {}, answer => { state = answer; done() }),
    install: begin => state && state.first && begin(),
    installFinish: () => ask('installFinish'),
    fitWindow: done => done && done(),
    resizeWindow: (width, height, done) => done && done(),
    getLang: () => 'ru',
    placement: {
      info: () => state,
      call: (name, params, done) => typeof params === 'function' ? ask(name, {}, params) : ask(name, params, done),
      bindEvent: (name, told) => {
        bound.set(name, [...(bound.get(name) || []), told])
        ask('bindEvent', name)
      },
    },
  }
})()
