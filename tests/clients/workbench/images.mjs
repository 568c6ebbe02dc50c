// Takes the pictures of docs/images, light and dark, from an `onefold serve` over the graph of `onefold demo`, with an
// onefold.toml like that of the demo that also sets approval_exposure to 0.01, so that decisions wait for a second person:
//   FOLDER=docs/images node images.mjs /usr/bin/chromium http://127.0.0.1:8000 KEY
// beside an installed playwright-core (package-lock.json of the folder above).
import { at, run, steward } from './steward.mjs'

const { FOLDER } = process.env

async function ask (page, query, variables) {
  return page.request.post(at('/../graphql'), {
    headers: { authorization: `Bearer ${process.argv[4]}` }, data: { query, variables }
  }).then((answer) => answer.json()).then((body) => body.data)
}

await run(async () => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await steward(0, { colorScheme, viewport: { width: 1280, height: 860 } })
    const shot = (name) => page.screenshot({ path: `${FOLDER}/workbench-${name}-${colorScheme}.png` })
    const look = async (path, ready = 'main h1') => {
      await page.goto(at(path))
      await page.locator(ready).first().waitFor()
      await page.waitForLoadState('networkidle')
    }
    const { thad, joshua } = await ask(page, '{ thad: search(text: "Thad Knight", first: 1) { profile { id cluster { records { key source } } } } joshua: search(text: "Joshua Knight", first: 1) { profile { id } } }')
    const { id, cluster: { records } } = thad[0].profile
    const [left, right] = [records[0], records.find((one) => one.source === 'support') ?? records[1]]
    const pair = `left=${encodeURIComponent(left.key)}&right=${encodeURIComponent(right.key)}`

    await look('/')
    await page.getByRole('combobox', { name: 'Find somebody' }).pressSequentially('thad k', { delay: 30 })
    await page.getByRole('option').first().waitFor()
    await shot('search')
    await look(`/people/${id}`)
    await shot('person')
    await page.getByRole('heading', { name: 'Records', exact: true }).evaluate((one) => one.scrollIntoView())
    await shot('records')
    await page.getByRole('heading', { name: 'Journey' }).evaluate((one) => one.scrollIntoView())
    await shot('journey')
    await page.locator(`input[name="part"][value="${records.at(-1).key}"]`).check()
    await page.keyboard.press('x')
    await page.getByRole('dialog').getByLabel(/why/i).waitFor()
    await shot('decision')
    const asking = page.getByRole('dialog').getByRole('button', { name: 'Ask for approval' })
    if (await asking.count()) {
      await page.getByRole('dialog').getByLabel(/why/i).fill('Another person on the same device')
      await asking.click()
      await page.getByText('waits for a second person').waitFor()
    }
    await look(`/people/${id}/graph?nearby=true`, '#graph[data-drawn]')
    await page.getByRole('button', { name: /^why/i }).first().click()
    await page.locator('#panel figure.weights svg').waitFor()
    await page.evaluate(() => window.scrollTo(0, 0))
    await shot('graph')
    await look(`/pairs?${pair}`, 'figure.weights svg')
    await shot('pair')
    await page.getByRole('heading', { name: 'How it adds up' }).evaluate((one) => one.scrollIntoView())
    await shot('waterfall')
    await look('/reviews', '#effects form')
    await shot('reviews')
    await look('/decisions')
    await shot('decisions')
    await page.locator('main tbody a[href*="/decisions/"]').first().click()
    await page.waitForLoadState('networkidle')
    await shot('trail')
    await look('/approvals')
    await shot('approvals')
    await page.locator('main tbody a').first().click()
    await page.waitForLoadState('networkidle')
    await shot('approval')
    await look(`/people/${id}/compare/${joshua[0].profile.id}`)
    await shot('merge')
    await look('/quality')
    await shot('quality')
    await page.getByRole('heading', { name: 'Sources' }).evaluate((one) => one.scrollIntoView())
    await shot('sources')
    await look('/quality/checks/largest')
    await shot('check')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API key or token').waitFor()
    await shot('sign-in')
    await page.context().close()
  }
})
