// Every page, light and dark, held against WCAG 2.1 A and AA as axe-core checks it; tells the violations it finds.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { at, run, steward, tell } from './steward.mjs'

const { PROFILE, LEFT, RIGHT } = process.env
const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }

await run(async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const found = []
  for (const colorScheme of ['light', 'dark']) {
    const page = await steward(0, { colorScheme })
    const check = async (name) => {
      await page.waitForLoadState('networkidle')
      await page.evaluate(axe)
      const { violations } = await page.evaluate((rules) => window.axe.run(document, rules), RULES)
      for (const { id, nodes } of violations) found.push(`${name}, ${colorScheme}: ${id} at ${nodes[0].target} (${nodes.length})`)
    }
    const pair = `left=${encodeURIComponent(LEFT)}&right=${encodeURIComponent(RIGHT)}`
    for (const path of ['/', `/people/${PROFILE}`, `/people/${PROFILE}/graph`, `/pairs?${pair}`, '/reviews', '/decisions', '/approvals', '/quality']) {
      await page.goto(at(path))
      await check(path.split('?')[0])
    }
    await page.goto(at(`/people/${PROFILE}`))
    await page.locator('input[name="part"]').last().check()
    await page.keyboard.press('x')
    await page.getByRole('dialog').getByLabel(/why/i).waitFor()
    await check('the dialog of a decision')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API key or token').waitFor()
    await check('/sign-in')
  }
  tell(found)
})
