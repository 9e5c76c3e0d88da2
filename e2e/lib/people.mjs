// The people of the demo data, each at his own computer.

/** Opens a window, follows a one-time link and presses its button: to the first page. */
export async function signIn(browser, link, options) {
  return pressLink(await browser.window(options), link)
}

/** Follows a one-time link in a window and presses its button: to the first page. */
export async function pressLink(person, link) {
  await person.page.goto(link)
  await person.page.getByRole('button').click()
  await person.page.waitForURL((url) => url.pathname === '/', { timeout: 30_000 })
  await person.page.locator('main').waitFor({ state: 'attached', timeout: 30_000 })
  return person
}

/** Signs somebody in by a link of the administrator's making. */
export async function enter(browser, server, login, options) {
  const { link } = await server.callhue('user', 'link', login, '--public-url', server.url)
  return signIn(browser, link, options)
}

/** The API with an administrator's token. */
export async function adminsAPI(server) {
  const { token } = await server.callhue('token', 'add', '--login', 'admin', '--name', 'e2e')
  return server.as(token)
}
