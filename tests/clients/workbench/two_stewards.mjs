// Two stewards see the same question and its effects; both answer. The second one is told who was quicker.
import { at, run, steward, tell } from './steward.mjs'

await run(async () => {
  const [one, other] = [await steward(0), await steward(1)]
  for (const page of [one, other]) {
    await page.goto(at('/reviews'))
    await page.locator('#effects form').nth(2).waitFor()
  }
  await one.keyboard.press('s')
  await one.waitForURL((url) => url.searchParams.has('done'))
  await other.keyboard.press('d')
  const dialog = other.getByRole('dialog')
  await dialog.getByRole('alert').waitFor()
  tell(await dialog.innerText())
})
