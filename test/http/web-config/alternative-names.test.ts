import { describe, expect, it } from 'vitest'
import { alternativeNames } from '../../../src/http/web-config/client-certificates.ts'

describe('the names of a certificate', () => {
  it.each([
    ['DNS:a.example, DNS:*.b.example, IP Address:127.0.0.1, email:ann@a.example, URI:spiffe://a/b', ['a.example', '*.b.example', '127.0.0.1', 'ann@a.example', 'spiffe://a/b']],
    ['IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:0:0:A', ['::1', '2001:db8::a']],
    // Node quotes what holds a comma or a quote: otherwise the first would be two names (CVE-2021-44532).
    ['DNS:"a.example, DNS:b.example", URI:"x\\"y"', ['a.example, DNS:b.example', 'x"y']],
    ['', []],
    [undefined, []],
  ])('are read from %j', (text, names) => {
    expect(alternativeNames(text)).toEqual(names)
  })
})
