import { Router, type RequestHandler } from 'express'
import { Problem } from '../problem.ts'
import { readAssets, type PageAssets } from './assets.ts'
import { mapPage } from './html.ts'

/** The page's files, read when the first browser asks: a replica that nobody looks at holds none. */
let read: PageAssets | null = null
const assets = () => (read ??= readAssets())

/** `GET /`. Never kept: it names the files that are right now. */
export function mapPageHandler(version: string): RequestHandler<Record<string, string>> {
  return ({ query }, res) => {
    const { html, contentSecurityPolicy } = mapPage(assets(), { version, hidesIdle: query['idle'] === 'hidden' })
    res.set({ 'Content-Security-Policy': contentSecurityPolicy, 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin' })
    res.type('html').send(html)
  }
}

/** `GET /page/…`: below a path that names their contents, files may be kept for ever (RFC 8246). */
export function assetRoutes(): Router {
  const router = Router()
  router.get('/page/:digest/:file', ({ params: { digest, file }, path }, res) => {
    const { base, files } = assets()
    const asset = `/page/${digest}` === base ? files.get(file) : undefined
    if (asset === undefined) throw new Problem('unknown_path', `There is nothing at ${path}; load the page at / again.`)
    res.set('Cache-Control', 'public, max-age=31536000, immutable').type(asset.type).send(asset.body)
  })
  return router
}
