// “Go 代码”页：由事件写出的程序。术语见 docs/glossary.md。

/** @type {import('../i18n.js').Dictionary} */
export default {
  'Language of the programs': '程序语言',
  'shell (nc)': 'shell (nc)',
  'Written from what you clicked.': '根据你的操作写成。',
  'Segments:': '报文段：',
  'sent by the line': '由该行发出',
  'ended its wait': '结束该行的等待',
  'Also as': '也可写成',
  'Download all': '全部下载',
  'All files, ready to run': '所有文件，可直接运行',
  'nothing was done here': '这一侧没有操作',
  '{sockets}, 1 call': '{sockets}，1 次调用',
  '{sockets}, {n} calls': '{sockets}，{n} 次调用',
  'Copy {name}': '复制 {name}',
  'Download': '下载',
  'Download {name}': '下载 {name}',
  'Source of the client': '客户端源代码',
  'Source of the server': '服务端源代码',
  'Copy the command that runs {name}': '复制运行 {name} 的命令',
  'and {n} more': '另有 {n} 个',
  'Waited for segment {n}': '等待报文段 {n}',
  'Sent segment {n}': '发出报文段 {n}',
  '{name} is still open on port {port}: close {name} first, or change the port.': '{name} 仍占用端口 {port}：请先关闭 {name}，或换一个端口。',
  'Close {name}': '关闭 {name}',
  'Go code': 'Go 代码',
};
