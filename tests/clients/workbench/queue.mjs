// The queue from its first question to "Nothing to review", by keys alone; the last answer is taken back and given again.
import assert from 'node:assert/strict'
import { at, run, steward, tell } from './steward.mjs'

await run(async () => {
  const page = await steward()
  await page.goto(at('/reviews'))
  const effects = page.locator('#effects form')
  const open = () => page.locator('#queue li').count()

  await effects.first().waitFor()
  const first = await page.locator('h2.question').innerText()
  await page.keyboard.press('n')
  await page.waitForFunction((asked) => document.querySelector('h2.question')?.innerText !== asked, first)
  await page.keyboard.press('p')
  await page.waitForFunction((asked) => document.querySelector('h2.question')?.innerText === asked, first)
  await effects.first().waitFor()

  const answered = []
  for (let left = await open(); left > 0; left--) {
    await effects.nth(2).waitFor()
    answered.push(await page.locator('#queue li').first().innerText())
    await page.keyboard.press('d')
    await page.waitForURL((url) => url.searchParams.has('done') && !answered.includes(url.search))
    answered.push(new URL(page.url()).search)
    await page.goto(at('/reviews'))
  }
  await page.getByText('Nothing to review').waitFor()
  tell(answered.filter((_, nth) => nth % 2 === 0))

  await page.goto(at(`/reviews${answered.at(-1)}`))
  await page.keyboard.press('z')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/why/i).fill('Too quick')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  await page.waitForFunction((before) => location.search !== before, answered.at(-1))
  let waited = 0
  for (await page.goto(at('/reviews')); (await open()) === 0 && waited < 100; waited++) {
    await page.waitForTimeout(200) // until the service has followed
    await page.goto(at('/reviews'))
  }
  assert.equal(await open(), 1)
  await effects.nth(2).waitFor()
  await page.keyboard.press('d')
  await page.waitForURL((url) => url.searchParams.has('done'))
  await page.goto(at('/reviews'))
  await page.getByText('Nothing to review').waitFor()
})
