// 不是可读报文段的数据包：键是 playground/segment 里的格式，与 server.js 一样按格式查找。

/** @type {Record<string, string>} */
export default {
  'IP fragment of %s from byte %d, more follow': '{0} 的 IP 分片，从第 {1} 字节起，后面还有',
  'IP fragment of %s from byte %d, the last': '{0} 的 IP 分片，从第 {1} 字节起，最后一片',
  'broken TCP header: %d bytes, fewer than 20': 'TCP 首部损坏：{0} 字节，少于 20',
  'broken TCP header: data offset %d, less than 5': 'TCP 首部损坏：数据偏移 {0}，小于 5',
  'broken TCP header: data offset %d, %d bytes, in a segment of %d': 'TCP 首部损坏：数据偏移 {0}，即 {1} 字节，而报文段只有 {2} 字节',
  'TCP header cut off': 'TCP 首部不完整',
  'broken IPv4 header: %v': 'IPv4 首部损坏：{0}',
  'broken IPv6 header: %d bytes, fewer than 40': 'IPv6 首部损坏：{0} 字节，少于 40',
  'broken IPv6 extension header %d: longer than its packet': 'IPv6 扩展首部 {0} 损坏：比数据包还长',
  'IPv6 header cut off': 'IPv6 首部不完整',
  'an empty packet': '空数据包',
  'no IP packet: version %d': '不是 IP 数据包：版本 {0}',
  'a tunnel of %s': '{0} 隧道',
  'IP protocol %d': 'IP 协议 {0}',
  '%s, cut off': '{0}，不完整',
};
