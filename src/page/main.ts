import { MapPage } from './map-page.ts'

// The composition root of the page: one object, that lives as long as the page.
const page = new MapPage()
page.start().catch((error: unknown) => { console.error(error) })
