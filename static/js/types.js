// The shapes of web/PROTOCOL.md, for the type checker only: this module has no code.

/** @typedef {'LISTEN'|'SYN_SENT'|'SYN_RCVD'|'ESTABLISHED'|'FIN_WAIT_1'|'FIN_WAIT_2'|'CLOSE_WAIT'|'CLOSING'|'LAST_ACK'|'TIME_WAIT'|'CLOSED'} TcpState */
/** @typedef {'call'|'sock_diag'|'inferred'} Source */
/** @typedef {'refused'|'timed_out'|'reset_sent'|'reset_received'|'aborted'|'time_wait_over'|'acknowledged'|'never_opened'|'closed'|'unknown'} CloseReason */
/** @typedef {'manual'|'echo'|'discard'|'greet'|'slow_read'|'never_read'|'never_accept'|'hang_up'|'reset'} Behavior */
/** @typedef {{banner?: string, bytes?: number, interval_ms?: number}} BehaviorSettings */
/** @typedef {'auto'|'manual'} ReadMode */
/** @typedef {'client'|'server'} Host */
/** @typedef {'listener'|'conn'|'other'} SocketKind */
/** @typedef {'idle'|'opening'|'open'|'closing'|'wait'|'error'} Phase */
/** @typedef {{pid: number, name: string}} Process */
/** @typedef {boolean|number|string} OptionValue */

/**
 * What a call returned as its error.
 * @typedef {{text: string, errno?: string, kind: 'refused'|'timed_out'|'address_in_use'|'address_unavailable'|'broken_pipe'|'reset'|'closed'|'deadline'|'eof'|'cancelled'|'unreachable'|'denied'|'other', why?: string, holder?: string}} CallError
 */

/** @typedef {{kind: 'retransmit'|'keepalive'|'time_wait'|'persist', expires_ms: number, retransmits?: number}} Timer */

/**
 * TCP_INFO: numbers by their name in the protocol; `options` are names.
 * @typedef {{[name: string]: number} & {options?: any}} TcpInfo
 */

/**
 * @typedef {{
 *   recv_q?: number, send_q?: number, timer?: Timer, rcvbuf?: number, sndbuf?: number, rmem?: number, wmem?: number,
 *   uid?: number, inode?: number, congestion?: string, info?: TcpInfo, snd_wscale?: number, rcv_wscale?: number,
 * }} Metrics
 */

// Events.

/** @typedef {{seq: number, at_ns: number, source?: Source}} EventHead */
/** @typedef {EventHead & {socket: string}} SocketEventHead */

/** @typedef {SocketEventHead & {type: 'socket_opened', kind: SocketKind, host: Host, network?: string, family?: string, local?: string, remote?: string, device?: string, listener?: string, behavior?: Behavior, settings?: BehaviorSettings, backlog?: number, read_mode?: ReadMode, call?: number, cookie?: string, accepted?: boolean, process?: Process}} SocketOpened */
/** @typedef {SocketEventHead & {type: 'address_assigned', family?: string, local?: string, remote?: string, cookie?: string}} AddressAssigned */
/** @typedef {SocketEventHead & {type: 'conn_accepted', listener?: string, call?: number, read_mode?: ReadMode}} ConnAccepted */
/** @typedef {SocketEventHead & {type: 'peer_found', peer: string}} PeerFound */
/** @typedef {SocketEventHead & {type: 'process_found', process: Process}} ProcessFound */
/** @typedef {EventHead & {type: 'call_started', socket?: string, call: number, op: string, args?: string, bytes?: number, data?: string, by?: 'user'|'behavior', host?: Host}} CallStarted */
/** @typedef {EventHead & {type: 'call_returned', socket?: string, call: number, op: string, args?: string, started_ns: number, returned_ns?: number, result: string, n?: number, bytes?: number, data?: string, error?: CallError, by?: 'user'|'behavior', host?: Host}} CallReturned */
/** @typedef {SocketEventHead & {type: 'calls_summarised', op: string, calls: number, bytes: number, data?: string, first_ns: number, last_ns: number, by?: 'user'|'behavior'}} CallsSummarised */
/** @typedef {SocketEventHead & {type: 'state_changed', from: TcpState, to: TcpState, cause?: number, reason?: CloseReason}} StateChanged */
/** @typedef {SocketEventHead & {type: 'metrics_sampled', metrics: Metrics}} MetricsSampled */
/** @typedef {SocketEventHead & {type: 'options_read', options?: Record<string, OptionValue>, unsupported?: Record<string, string>}} OptionsRead */
/** @typedef {SocketEventHead & {type: 'behavior_changed', behavior: Behavior, settings?: BehaviorSettings}} BehaviorChanged */
/** @typedef {SocketEventHead & {type: 'read_mode_changed', read_mode: ReadMode}} ReadModeChanged */
/** @typedef {SocketEventHead & {type: 'deadline_set', kind: 'read'|'write'|'both', after_ms?: number}} DeadlineSet */
/** @typedef {SocketEventHead & {type: 'descriptor_closed', call?: number}} DescriptorClosed */
/** @typedef {SocketEventHead & {type: 'transfer_started', transfer: number, encoding: string, bytes: number, chunk?: number, interval_ms?: number}} TransferStarted */
/** @typedef {SocketEventHead & {type: 'transfer_finished', transfer: number, bytes: number, started_ns?: number, error?: CallError, cancelled?: boolean}} TransferFinished */
/** @typedef {SocketEventHead & {type: 'digest_computed', direction: 'written'|'read', bytes: number, sha256: string, from?: number}} DigestComputed */
/** @typedef {SocketEventHead & {type: 'socket_removed'}} SocketRemoved */
/** @typedef {EventHead & {type: 'events_lost', socket?: string, count: number, what: string}} EventsLost */
/** @typedef {EventHead & {type: 'notice', socket?: string, level: 'info'|'warning', code?: string, message: string}} Notice */

/**
 * @typedef {SocketOpened|AddressAssigned|ConnAccepted|PeerFound|ProcessFound|CallStarted|CallReturned|CallsSummarised
 *   |StateChanged|MetricsSampled|OptionsRead|BehaviorChanged|ReadModeChanged|DeadlineSet|DescriptorClosed
 *   |TransferStarted|TransferFinished|DigestComputed|SocketRemoved|EventsLost|Notice} PlaygroundEvent
 */

// The snapshot.

/** @typedef {{bytes: number, sha256: string, from?: number}} Digest */

/**
 * @typedef {{
 *   socket: string, kind: SocketKind, host: Host, network?: string, family?: string, local?: string, remote?: string,
 *   device?: string, listener?: string, peer?: string, cookie?: string, accepted?: boolean,
 *   descriptor: 'open'|'closed'|'none', state: TcpState, state_since_ns: number, state_source?: Source,
 *   reason?: CloseReason, opened_ns: number, closed_ns?: number, behavior?: Behavior, settings?: BehaviorSettings,
 *   backlog?: number, read_mode?: ReadMode, wrote: number, read: number, write_calls: number, read_calls: number,
 *   options?: Record<string, OptionValue>, unsupported?: Record<string, string>, metrics?: Metrics,
 *   metrics_at_ns?: number, process?: Process, error?: CallError, digests?: {written?: Digest, read?: Digest},
 *   deadlines?: {read?: number, write?: number},
 * }} Socket
 */

/** @typedef {{call: number, socket?: string, op: string, args?: string, bytes?: number, data?: string, by?: 'user'|'behavior', host?: Host, started_ns: number}} Call */
/** @typedef {{transfer: number, socket: string, encoding: string, bytes: number, chunk?: number, interval_ms?: number, started_ns: number}} Transfer */

/** @typedef {{seq: number, at_ns: number, sockets: Map<string, Socket>, calls: Map<number, Call>, transfers: Map<number, Transfer>}} Snapshot */
/** @typedef {{seq: number, at_ns?: number, sockets?: Socket[], calls?: Call[], transfers?: Transfer[]}} SnapshotJson */

// Commands and answers.

/** @typedef {{type: string} & Record<string, any>} Command */
/** @typedef {{type: 'ok', id: number, calls?: number[], sockets?: string[], n?: number, data?: string, bytes?: number, complete?: boolean}} Ok */
/** @typedef {{type: 'error', id: number, code: string, field?: string, message: string}} Refusal */
/** @typedef {{type: 'hello', version: number, session: string, started_at: string, now_ns?: number, capabilities?: Record<string, {available?: boolean, reason?: string}>}} Hello */

// The page's own words.

/** @typedef {{kind: 'event', seq: number}|{kind: 'socket', socket: string}|null} Selection */
/** @typedef {{left: string|null, right: string|null}} Pair */

/**
 * What a frame of the page has to draw. `events` are the new ones; after a `reset` everything is new.
 * @typedef {{events: PlaygroundEvent[], reset: boolean, selection: boolean, hover: boolean, pair: boolean, connection: boolean, paused: boolean}} Change
 */

export {};
