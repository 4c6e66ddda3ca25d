/** The zone `cluster.local` as servers read it. */
export const zoneFile = `$TTL 5
@ SOA ns hostmaster 1 60 60 60 5
@ NS ns
ns A 127.0.0.1
cart.shop.svc A 127.0.0.11
cart.shop.svc A 127.0.0.12
_http._tcp.cart.shop.svc SRV 0 0 8080 cart.shop.svc
web.shop.svc TXT "no address"
`
