import { chromium } from 'playwright-core'

// `npm run screenshots [-- URL]`: the pictures of the map in the README, taken of a running demo (`npm run demo`, after two minutes or so).

const [url = 'http://127.0.0.1:9464', executablePath = '/usr/bin/chromium'] = process.argv.slice(2)
const shots = [
  { file: 'map-light.png', query: '', colorScheme: 'light' },
  { file: 'map-service-dark.png', query: '?service=shop%2Fcheckout&colour=latency', colorScheme: 'dark' },
] as const

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  for (const { file, query, colorScheme } of shots) {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 720 }, colorScheme, reducedMotion: 'reduce' })
    await page.goto(`${url}/${query}`)
    await page.locator('body[data-ready]').waitFor()
    if (query !== '') await page.getByRole('heading', { name: 'Health' }).waitFor()
    await page.screenshot({ path: new URL(`images/${file}`, import.meta.url).pathname })
    await page.close()
  }
} finally {
  await browser.close()
}
