// 检查项里的量，作为服务器句子中的值出现（“S1 的全连接队列是 2”）。与 playground/demo/chinese.go 相同，由测试检查。

/** @type {Record<string, string>} */
export default {
  'accept queue': '全连接队列',
  'backlog': 'backlog',
  'drops': '丢弃数',
  'receive queue': '接收队列',
  'send queue': '发送队列',
  'retransmits': '重传次数',
  'timer': '定时器',
  'timer expiry': '定时器剩余时间',
  'mss': 'MSS',
  'cwnd': 'cwnd',
  'rtt': 'RTT',
  'family': '地址族',
  'local port': '本地端口',
  'remote port': '远端端口',
  'kernel socket': '内核套接字',
  'bytes read': '已读字节数',
  'bytes written': '已写字节数',
  'bytes retransmitted': '重传字节数',
  'total retransmissions': '重传总次数',
  'rwnd limited': '受接收窗口限制的时间',
};
