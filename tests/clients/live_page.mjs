// Opens a page in a browser that is installed, and says what it shows: PROGRAM PAGE
import { chromium } from 'playwright-core'

const [executablePath, page] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  const tab = await browser.newPage()
  await tab.goto(page)
  await tab.waitForFunction(() => document.getElementById('state').textContent !== '', null, { timeout: 60_000 })
  console.log(await tab.textContent('#profile'))
  console.log(await tab.textContent('#state'))
  if ((await tab.textContent('#state')) === 'listening') {
    await tab.waitForSelector('#changes li', { timeout: 60_000 })
    console.log(await tab.textContent('#changes li'))
  }
} finally {
  await browser.close()
}
