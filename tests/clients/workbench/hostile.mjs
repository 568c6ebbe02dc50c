// Every page about somebody whose name, ids and events are markup shows them as text and runs nothing.
import assert from 'node:assert/strict'
import { at, run, steward, tell } from './steward.mjs'

const { PROFILE, LEFT, RIGHT, NAME } = process.env

await run(async () => {
  const page = await steward()
  const pages = [
    `/people/${PROFILE}`,
    `/people/${PROFILE}/graph`,
    `/pairs?left=${encodeURIComponent(LEFT)}&right=${encodeURIComponent(RIGHT)}`,
    '/reviews',
    '/decisions',
    '/quality'
  ]
  const shown = []
  for (const path of pages) {
    const answer = await page.goto(at(path))
    assert.equal(answer.status(), 200, path)
    await page.waitForLoadState('networkidle')
    assert.equal(await page.evaluate(() => window.pwned), undefined, path)
    assert.equal(await page.locator('img[src="x"], svg[onload], [onerror], [onload]').count(), 0, path)
    if ((await page.textContent('main')).includes(NAME)) shown.push(path.split('?')[0])
  }
  await page.getByLabel('Find somebody').fill(NAME)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => !url.pathname.endsWith('/quality'))
  await page.waitForLoadState('networkidle')
  assert.equal(await page.evaluate(() => window.pwned), undefined)
  if ((await page.textContent('main')).includes(NAME)) shown.push('search')
  tell(shown)
})
