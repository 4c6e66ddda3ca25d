import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { runCommand } from '../../broker/run.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const WAIT_MS = 20_000
const FIND_MS = 20_000

export interface OpenPage {
  page: Page
  /** What the browser complained about: errors, and what the page's own policy refused. */
  complaints: string[]
}

/** Opens pages in one headless Chromium for all tests of a file. Each must have ended without a complaint. */
export function useBrowser(): { open: (url: string, options?: BrowserContextOptions) => Promise<OpenPage> } {
  let browser: Browser | undefined
  beforeAll(async () => {
    const { output } = await runCommand('sh', ['-c', 'command -v chromium'], { timeoutMs: FIND_MS })
    // Root has no sandbox to give; what is loaded is ours.
    browser = await chromium.launch({ executablePath: output.trim(), args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(() => browser?.close())
  return {
    open: async (url, options = {}) => {
      if (browser === undefined) throw new Error('Chromium has not started')
      const context = await browser.newContext({ viewport: { width: 1_280, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce', ...options })
      onTestFinished(() => context.close())
      const page = await context.newPage()
      page.setDefaultTimeout(WAIT_MS)
      const complaints: string[] = []
      page.on('pageerror', error => complaints.push(error.message))
      page.on('console', message => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()) })
      await page.goto(url)
      return { page, complaints }
    },
  }
}

/** Resolves when the map, or that there is none, is shown. */
export async function shown(page: Page): Promise<void> {
  await page.locator('body[data-ready]').waitFor()
}

/** The rules of WCAG 2 (A, AA) and good practice that the page breaks, by axe-core. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource)
  const found = await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(n => n.html).join(" ")))')
  expect(Array.isArray(found)).toBe(true)
  return found as string[]
}

/** Where a node of the map is on the screen, told by the picture itself. */
export async function positionOf(page: Page, id: string): Promise<{ x: number; y: number }> {
  const script = `(() => {
    const map = document.getElementById('map')
    const node = map._cyreg.cy.getElementById(${JSON.stringify(id)})
    if (node.empty()) return null
    const [at, box] = [node.renderedPosition(), map.getBoundingClientRect()]
    return { x: at.x + box.x, y: at.y + box.y }
  })()`
  const at = await page.evaluate(script) as { x: number; y: number } | null
  if (at === null) throw new Error(`the map has no ${id}`)
  return at
}

/** What the map shows, by id. */
export async function drawn(page: Page): Promise<string[]> {
  return await page.evaluate(`document.getElementById('map')._cyreg.cy.nodes('.card').map(node => node.id()).sort()`) as string[]
}
