// A record is dragged by its name out of its profile, and onto another one: each opens the dry run that a button opens too.
import { at, run, steward, tell } from './steward.mjs'

const { PROFILE, OTHER, RECORD } = process.env

await run(async () => {
  const page = await steward()
  const handle = page.locator(`.handle[data-record="${RECORD}"]`)
  const dialog = page.getByRole('dialog')
  const carryOut = async (reason) => {
    await dialog.getByLabel(/why/i).fill(reason)
    await page.keyboard.press('Enter')
    await page.getByText('Carried out').waitFor()
  }

  await page.goto(at(`/people/${PROFILE}/compare/${OTHER}`))
  await handle.dragTo(page.locator(`[data-drop="${OTHER}"]`))
  await dialog.getByLabel(/why/i).waitFor()
  tell(await dialog.innerText())
  await carryOut('It is the other')

  await page.goto(at(`/people/${OTHER}`))
  await handle.dragTo(page.locator('[data-drop-alone]'))
  await dialog.getByLabel(/why/i).waitFor()
  tell(await dialog.innerText())
  await carryOut('It is neither')
})
