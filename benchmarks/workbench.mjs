// Opens pages of the workbench in a browser, in turn, and says how many milliseconds each took until it could be read:
// PROGRAM ADDRESS KEY ROUNDS PATH[>SELECTOR] …; the selector is of what a script has to draw first.
import { chromium } from 'playwright-core'

const [executablePath, address, key, rounds, ...asked] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
await page.goto(`${address}/steward/sign-in`)
await page.getByLabel('API key or token').fill(key)
await page.getByRole('button', { name: 'Sign in' }).click()
await page.waitForURL(`${address}/steward/`)

const taken = asked.map(() => [])
for (let round = 0; round < Number(rounds); round++) {
  for (const [nth, one] of asked.entries()) {
    const [path, selector = 'main h1'] = one.split('>')
    await page.goto('about:blank')
    const began = performance.now()
    await page.goto(`${address}/steward${path}`, { waitUntil: 'commit' })
    await page.locator(selector).first().waitFor()
    taken[nth].push(performance.now() - began)
  }
}
console.log(JSON.stringify(taken))
await browser.close()
