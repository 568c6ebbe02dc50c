// The graph of a thousand nodes: drawn, and a record of it can be chosen and asked about.
import { at, run, steward, tell } from './steward.mjs'

await run(async () => {
  const page = await steward()
  await page.goto(at(`/people/${process.env.PROFILE}/graph`))
  await page.locator('#graph[data-drawn]').waitFor()
  const nodes = Number(await page.locator('#graph').getAttribute('data-drawn'))
  const records = page.locator('form#records')
  await records.locator('summary').click()
  await records.getByRole('checkbox').first().check()
  const chosen = Number(await page.locator('[data-chosen-count]').first().innerText())
  await records.getByRole('button', { name: /^why/i }).first().click()
  await page.locator('#panel').getByText('The smallest set of ties to disbelieve').waitFor()
  tell({ nodes, chosen })
})
