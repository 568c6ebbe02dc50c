// A steward at a browser: signs in, and fails a script on anything a page would log as an error.
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'

const [executablePath, address, ...keys] = process.argv.slice(2)

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
const complaints = []

/** A page of somebody who has signed in with the nth key that the script was given. */
export async function steward (nth = 0, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`))
  page.on('console', (said) => {
    if (said.type() === 'error' && !said.text().includes('status of 409')) complaints.push(`console: ${said.text()}`)
  })
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    dialog.dismiss()
  })
  await page.goto(`${address}/steward/sign-in`)
  await page.getByLabel('API key or token').fill(keys[nth])
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${address}/steward/`)
  return page
}

/** The address of a page of the workbench. */
export function at (path) {
  return `${address}/steward${path}`
}

/** Say something to the test that started this script, as a line of JSON. */
export function tell (value) {
  console.log(JSON.stringify(value))
}

/** Wait until the test says that it has looked. */
export function looked () {
  return new Promise((resolve) => process.stdin.once('data', resolve))
}

/** Run a script's steps; whatever happens the browser is closed, and nothing may have gone wrong unseen. */
export async function run (steps) {
  try {
    await steps()
    assert.deepEqual(complaints, [])
  } finally {
    await browser.close()
    process.stdin.unref?.() // a pipe would keep the script alive, a file cannot
  }
}
