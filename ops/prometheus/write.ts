import { writeFileSync } from 'node:fs'
import { alertsDocument, alertsFile } from '../alerts/table.ts'
import { objectiveFile, shippedObjectives } from './objective-rules.ts'
import { recordingDocument } from './recording-document.ts'
import { recordingFile } from './recording.ts'

// Writes rules, alerts and what is told of them from their tables (node ops/prometheus/write.ts).

const files: Readonly<Record<string, string>> = {
  'ops/prometheus/recording.yml': recordingFile(),
  'ops/prometheus/objective-rules.yml': objectiveFile(shippedObjectives()),
  'ops/prometheus/alerts.yml': alertsFile(),
  'docs/recording-rules.md': recordingDocument(),
  'docs/alerts.md': alertsDocument(),
}
for (const [path, text] of Object.entries(files)) writeFileSync(new URL(`../../${path}`, import.meta.url), text)
console.log(`${Object.keys(files).join(', ')} are written`)
