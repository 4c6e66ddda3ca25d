import { writeFileSync } from 'node:fs'
import { recordingDocument } from './recording-document.ts'
import { recordingFile } from './recording.ts'

// Writes the recording rules, and what is told of them, from their table (node ops/prometheus/write.ts).

writeFileSync(new URL('recording.yml', import.meta.url), recordingFile())
writeFileSync(new URL('../../docs/recording-rules.md', import.meta.url), recordingDocument())
console.log('ops/prometheus/recording.yml and docs/recording-rules.md are written')
