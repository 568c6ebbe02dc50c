// Search as you type → open → the waterfall of two records → split, with its effect first → undo; by keys where there are some.
import assert from 'node:assert/strict'
import { looked, run, steward, tell } from './steward.mjs'

const { WANTED, NAME, STAYS, LEAVES } = process.env

await run(async () => {
  const page = await steward()
  const dialog = page.getByRole('dialog')
  const choose = (key) => page.locator(`input[name="part"][value="${key}"]`)
  const done = () => new URL(page.url()).searchParams.get('done')

  await page.getByRole('combobox', { name: 'Find somebody' }).focus()
  await page.keyboard.type(WANTED, { delay: 20 })
  await page.getByRole('option').filter({ hasText: NAME }).first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: NAME }).waitFor()
  const person = page.url()

  for (const key of [STAYS, LEAVES]) await choose(key).check()
  await page.keyboard.press('w')
  await page.locator('figure.weights svg').waitFor()
  tell(await page.locator('table.weights tbody tr').allTextContents())

  await page.goto(person)
  await choose(LEAVES).check()
  await page.keyboard.press('x')
  await dialog.getByLabel(/why/i).waitFor()
  tell(await dialog.innerText())
  await looked() // the dry run wrote nothing
  await dialog.getByLabel(/why/i).fill('Another person')
  await page.keyboard.press('Enter')
  await page.getByText('Carried out').waitFor()
  const split = done()
  tell(split)
  await looked() // the split is in the graph

  await page.keyboard.press('z')
  await dialog.getByLabel(/why/i).fill('It was one person after all')
  await dialog.getByRole('button', { name: 'Carry out' }).click()
  await page.waitForURL((url) => ![null, split].includes(url.searchParams.get('done')))
  await page.getByText('Carried out').waitFor()
  assert.notEqual(done(), split)
  tell(done())
})
