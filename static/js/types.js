// The shapes of web/PROTOCOL.md, for the type checker only: this module has no code.

/** @typedef {'LISTEN'|'SYN_SENT'|'SYN_RCVD'|'ESTABLISHED'|'FIN_WAIT_1'|'FIN_WAIT_2'|'CLOSE_WAIT'|'CLOSING'|'LAST_ACK'|'TIME_WAIT'|'CLOSED'} TcpState */
/** @typedef {'call'|'sock_diag'|'segment'|'inferred'} Source */
/** @typedef {'machine'|'lab'} Network */
/** @typedef {'refused'|'timed_out'|'reset_sent'|'reset_received'|'aborted'|'time_wait_over'|'acknowledged'|'never_opened'|'closed'|'destroyed'|'unknown'} CloseReason */
/** @typedef {'manual'|'echo'|'discard'|'greet'|'slow_read'|'never_read'|'never_accept'|'hang_up'|'reset'} Behavior */
/** @typedef {{banner?: string, bytes?: number, interval_ms?: number}} BehaviorSettings */
/** @typedef {'auto'|'manual'} ReadMode */
/** @typedef {'client'|'server'} Host */
/** @typedef {'listener'|'conn'|'other'} SocketKind */
/** @typedef {'idle'|'opening'|'open'|'closing'|'wait'|'error'} Phase */
/** @typedef {{pid: number, name: string, inferred?: boolean}} Process */
/** @typedef {boolean|number|string} OptionValue */

/**
 * What a call returned as its error.
 * @typedef {{text: string, errno?: string, kind: 'refused'|'timed_out'|'address_in_use'|'address_unavailable'|'broken_pipe'|'reset'|'closed'|'deadline'|'eof'|'cancelled'|'unreachable'|'unknown_host'|'denied'|'other', why?: string, ended_by?: CallActor, holder?: string}} CallError
 */

/** @typedef {'syn'|'syn_ack'|'rto'|'tlp'|'reordering'|'keepalive'|'fin_wait_2'|'time_wait'|'window_probe'} TimerPurpose */
/** @typedef {{kind: 'retransmit'|'keepalive'|'time_wait'|'persist', for?: TimerPurpose[], expires_ms: number, retransmits?: number}} Timer */

/**
 * TCP_INFO: numbers by their name in the protocol; `options` are names.
 * @typedef {{[name: string]: number} & {options?: any}} TcpInfo
 */

/**
 * @typedef {{
 *   recv_q?: number, send_q?: number, timer?: Timer, rcvbuf?: number, sndbuf?: number, rmem?: number, wmem?: number, drops?: number,
 *   uid?: number, inode?: number, congestion?: string, info?: TcpInfo, snd_wscale?: number, rcv_wscale?: number,
 * }} Metrics
 */

// Events.

/** @typedef {{seq: number, at_ns: number, source?: Source}} EventHead */
/** @typedef {EventHead & {socket: string}} SocketEventHead */

/** @typedef {SocketEventHead & {type: 'socket_opened', kind: SocketKind, host: Host, network?: Network, family?: string, local?: string, remote?: string, device?: string, listener?: string, behavior?: Behavior, settings?: BehaviorSettings, backlog?: number, read_mode?: ReadMode, call?: number, cookie?: string, accepted?: boolean}} SocketOpened */
/** @typedef {SocketEventHead & {type: 'address_assigned', family?: string, local?: string, remote?: string, cookie?: string}} AddressAssigned */
/** @typedef {SocketEventHead & {type: 'conn_accepted', listener?: string, call?: number, read_mode?: ReadMode}} ConnAccepted */
/** @typedef {SocketEventHead & {type: 'peer_found', peer: string}} PeerFound */
/** @typedef {SocketEventHead & {type: 'process_found', process: Process}} ProcessFound */
/** Whose call it is. @typedef {'user'|'demo'|'behavior'} CallActor */
/** @typedef {EventHead & {type: 'call_started', socket?: string, call: number, op: string, args?: string, bytes?: number, data?: string, by?: CallActor, host?: Host, options?: Record<string, OptionValue>, local?: string, timeout_ms?: number}} CallStarted */
/** @typedef {EventHead & {type: 'call_returned', socket?: string, call: number, op: string, args?: string, started_ns: number, returned_ns?: number, result: string, n?: number, bytes?: number, data?: string, error?: CallError, by?: CallActor, host?: Host}} CallReturned */
/** @typedef {SocketEventHead & {type: 'calls_summarised', op: string, calls: number, bytes: number, data?: string, first_ns: number, last_ns: number, by?: CallActor}} CallsSummarised */
/** @typedef {SocketEventHead & {type: 'state_changed', from: TcpState, to: TcpState, cause?: number, segment?: number, edge?: 'left'|'landed', timer?: 'retransmit'|'keepalive'|'fin_wait_2'|'time_wait'|'persist', reason?: CloseReason}} StateChanged */
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
/** @typedef {EventHead & {type: 'port_watched', socket?: undefined, port: number, on: boolean}} PortWatched */
/** @typedef {EventHead & {type: 'lab_opened', socket?: undefined, backend: LabBackend, reason?: string, hosts: Record<Host, string[]>, quick_ack?: boolean}} LabOpened */
/** @typedef {EventHead & {type: 'lab_closed', socket?: undefined, reason?: string}} LabClosed */
/** @typedef {EventHead & {type: 'quick_ack_set', socket?: undefined, on: boolean}} QuickAckSet */
/** @typedef {EventHead & {type: 'kernel_settings_read', socket?: undefined, host: Host, settings: Record<string, string>, defaults?: Record<string, string>}} KernelSettingsRead */
/** @typedef {EventHead & {type: 'wire_changed', socket?: undefined, wire: Wire}} WireChanged */
/** @typedef {EventHead & {type: 'segment_sent'} & Segment} SegmentSent */
/** @typedef {EventHead & {type: 'segment_landed', socket?: string, segment: number, landed_ns: number}} SegmentLanded */
/** @typedef {EventHead & {type: 'wire_intervened', socket?: string, segment: number, action: WireAction, by: WireActor, rule?: number, copy?: number, delay_ms?: number}} WireIntervened */
/** @typedef {EventHead & {type: 'segments_summarised', socket?: string, peer?: string, network: Network, first: number, last: number, count: number, bytes: number, data_segments: number, dropped?: number, retransmitted?: number, first_ns: number, last_ns: number}} SegmentsSummarised */
/** @typedef {EventHead & {type: 'events_lost', socket?: string, count: number, what: string}} EventsLost */
/** @typedef {EventHead & {type: 'notice', socket?: string, level: 'info'|'warning', code?: string, message: string}} Notice */

/**
 * @typedef {SocketOpened|AddressAssigned|ConnAccepted|PeerFound|ProcessFound|CallStarted|CallReturned|CallsSummarised
 *   |StateChanged|MetricsSampled|OptionsRead|BehaviorChanged|ReadModeChanged|DeadlineSet|DescriptorClosed
 *   |TransferStarted|TransferFinished|DigestComputed|SocketRemoved|PortWatched|LabOpened|LabClosed|QuickAckSet|KernelSettingsRead
 *   |WireChanged|SegmentSent|SegmentLanded|WireIntervened|SegmentsSummarised|EventsLost|Notice|DemoEvent} PlaygroundEvent
 */

// Demos.

/** @typedef {'passed'|'failed'|'not_observed'} Verdict */
/** @typedef {{en: string, zh?: string}} DemoText */
/** What a step does: `{wait: check}`, `{pause: '500ms'}`, or a command by its type (`within`, and under `go` too). @typedef {Record<string, any>} DemoAction */
/** @typedef {{question: DemoText, choices: {text: DemoText, when?: string}[]}} DemoPredict */
/** @typedef {{title: DemoText, story: DemoText, why?: DemoText, sources?: string[], predict?: DemoPredict, do?: DemoAction[], checks?: string[], if_kernel_has?: string, otherwise?: DemoOtherwise}} DemoStep */
/** What a step is on a kernel without the setting that it asks for; what is left out is as in the step. @typedef {Partial<Omit<DemoStep, 'if_kernel_has'|'otherwise'>>} DemoOtherwise */
/** @typedef {{demo: number, id: string, title: DemoText, summary: DemoText, shelf?: 'course'|'failure'|'weird', order?: number, network: 'machine'|'lab'|'either', seconds?: number, lesson?: number, myth?: DemoText, picture?: string[], keywords?: string[], steps: DemoStep[]}} Demo */
/** About how many seconds a demo takes who reads along. @typedef {{en: number, zh: number}} Takes */
/** A card of the gallery; `texts` is what its steps say, once a search has asked for it. @typedef {Pick<Demo, 'id'|'title'|'summary'|'shelf'|'order'|'network'|'myth'|'picture'|'keywords'> & {steps: number, texts?: string, takes?: Takes, needs?: ('segments'|'states')[], terms?: string[]}} DemoEntry */
/** Language → a check as written → in that language. @typedef {Record<string, Record<string, string>>} DemoWords */

/** @typedef {EventHead & {type: 'demo_started', socket?: undefined, demo: Demo, network: Network, language: 'en'|'zh', predict?: boolean, words?: DemoWords, lacks?: Record<string, string>}} DemoStarted */
/** @typedef {EventHead & {type: 'demo_step_started', socket?: undefined, step: number}} DemoStepStarted */
/** @typedef {EventHead & {type: 'demo_asked', socket?: undefined, step: number}} DemoAsked */
/** @typedef {EventHead & {type: 'demo_predicted', socket?: undefined, step: number, choice: number}} DemoPredicted */
/** @typedef {EventHead & {type: 'demo_check_decided', socket?: undefined, step: number, check?: number, choice?: number, verdict: Verdict, detail?: string, facts?: number[]}} DemoCheckDecided */
/** @typedef {EventHead & {type: 'demo_paused', socket?: undefined, step: number, reason: 'user'|'step'}} DemoPaused */
/** @typedef {EventHead & {type: 'demo_reading', socket?: undefined, step: number, for_ms: number}} DemoReading */
/** @typedef {EventHead & {type: 'demo_resumed', socket?: undefined}} DemoResumed */
/** @typedef {EventHead & {type: 'demo_finished', socket?: undefined, verdict: Verdict|'stopped', passed: number, failed: number, not_observed: number, message?: string}} DemoFinished */
/** @typedef {DemoStarted|DemoStepStarted|DemoAsked|DemoPredicted|DemoCheckDecided|DemoPaused|DemoReading|DemoResumed|DemoFinished} DemoEvent */

/** @typedef {{verdict: Verdict, detail?: string, facts?: number[]}} DemoDecision */
/**
 * The newest demo that was run. `lacks` are the kernel settings that it asks about and that are not there, and why. `step` is -1 before the first; `checks` and `choices` are by "step.number".
 * @typedef {{
 *   demo: Demo, network: Network, language: 'en'|'zh', predict?: boolean, words?: DemoWords, lacks?: Record<string, string>, step: number,
 *   status: 'running'|'asking'|'paused'|'finished', reason?: 'user'|'step', verdict?: Verdict|'stopped', message?: string,
 *   checks: Record<string, DemoDecision>, choices: Record<string, DemoDecision>, predicted: Record<string, number>,
 *   started_ns: number, finished_ns?: number, step_ns: number[],
 *   reading_for_ns?: number, reading_until_ns?: number, reading_left_ns?: number,
 * }} DemoRun
 */

// Segments and the wire.

/** @typedef {{kind: number, name: 'mss'|'wscale'|'sack_permitted'|'sack'|'timestamps'|'md5'|'user_timeout'|'ao'|'mptcp'|'fast_open'|'encryption_negotiation'|'accecn0'|'accecn1'|'experiment'|'nop'|'eol'|'unknown'|'broken', value?: string}} SegmentOption */
/** @typedef {'retransmission'|'duplicate_ack'|'out_of_order'|'zero_window'|'window_probe'|'window_update'|'keepalive'|'keepalive_ack'|'spurious_retransmission'|'dsack'|'window_full'} SegmentMark */

/**
 * A segment as it was read when it left a host. Its numbers relative to the connection's beginning are `seq_rel` and
 * `ack_rel`; `seq` is, as in every event, the event's place in the log.
 * @typedef {{
 *   segment: number, network: Network, from: Host, socket?: string, peer?: string, left_ns: number, bytes: number, raw?: string,
 *   src: string, dst: string, flags?: string, seq_rel?: number, ack_rel?: number, seq_abs?: number, ack_abs?: number,
 *   win?: number, wscale?: number, len?: number, ip_header?: number, tcp_header?: number, ttl?: number,
 *   checksum?: 'valid'|'wrong'|'offload'|'unknown', checksum_value?: number, options?: SegmentOption[],
 *   marks?: SegmentMark[], of?: number, dup_acks?: number, icmp?: string, about?: string[], other?: string,
 *   dscp?: number, ecn?: 'ECT(0)'|'ECT(1)'|'CE', df?: boolean, ip_id?: number, flow_label?: number,
 *   urgent?: number, reserved?: number, ace?: number, options_broken?: number,
 * }} Segment
 */

/** @typedef {'held'|'released'|'dropped'|'delayed'|'duplicated'|'corrupted'|'reordered'} WireAction */
/** @typedef {'rule'|'step'|'user'|'loss'|'duplicate'|'reorder'|'corrupt'|'queue'|'mtu'|'cut'} WireActor */

/** @typedef {{delay_ms: number, jitter_ms: number, loss_pct: number, duplicate_pct: number, reorder_pct: number, corrupt_pct: number, rate_kbps: number, queue: number, mtu: number}} Impairment */
/** @typedef {'off'|'lan'|'4g'|'satellite'|'slow_motion'|'own'} WirePreset */

/**
 * @typedef {{
 *   rule: number, on: boolean, direction?: 'both'|'to_server'|'to_client', flags?: string, next?: number, every?: number,
 *   min_len?: number, max_len?: number, text?: string, retransmission?: boolean, socket?: string,
 *   action: 'hold'|'drop'|'delay'|'duplicate'|'corrupt', delay_ms?: number, hits?: number,
 * }} WireRule
 */

/** @typedef {{to_server: Impairment, to_client: Impairment, step: boolean, cut: boolean, preset: WirePreset, seed: number, rules: WireRule[]}} Wire */

/** @typedef {{by: WireActor, rule?: number, at_ns: number}} Hold */

/** A segment on the wire. @typedef {Segment & {held?: Hold}} FlyingSegment */

/**
 * What the page knows of one segment, from all events about it.
 * @typedef {object} SegmentRecord
 * @property {number} number
 * @property {Segment} sent             what left; of a copy: what left as its original
 * @property {number} seq               the event that told of it first: its segment_sent; of a copy, the wire_intervened that made it; 0: older than the log
 * @property {number} left_ns           when it left; of a copy, when it was made
 * @property {number | null} landed_ns
 * @property {number} landedSeq         its segment_landed; 0: none (not yet, or on this machine, where it landed as it left)
 * @property {boolean} ended            the Lab was closed while it was on the wire
 * @property {Hold | null} held         it waits on the wire now
 * @property {WireIntervened | null} dropped
 * @property {WireIntervened[]} interventions
 * @property {number | null} copyOf     the segment that it is a copy of, made by the wire
 * @property {number[]} copies
 * @property {StateChanged[]} states    what it changed, at either end
 * @property {number} lastSeq           the newest event about it
 */

// The snapshot.

/** @typedef {{bytes: number, sha256: string, from?: number}} Digest */

/**
 * @typedef {{
 *   socket: string, kind: SocketKind, host: Host, network?: Network, family?: string, local?: string, remote?: string,
 *   device?: string, listener?: string, peer?: string, cookie?: string, accepted?: boolean,
 *   descriptor: 'open'|'closed'|'none', state: TcpState, state_since_ns: number, state_source?: Source,
 *   reason?: CloseReason, opened_ns: number, closed_ns?: number, behavior?: Behavior, settings?: BehaviorSettings,
 *   backlog?: number, read_mode?: ReadMode, wrote: number, read: number, write_calls: number, read_calls: number,
 *   options?: Record<string, OptionValue>, unsupported?: Record<string, string>, metrics?: Metrics,
 *   metrics_at_ns?: number, process?: Process, error?: CallError, digests?: {written?: Digest, read?: Digest},
 *   deadlines?: {read?: number, write?: number},
 * }} Socket
 */

/** @typedef {{call: number, socket?: string, op: string, args?: string, bytes?: number, data?: string, by?: CallActor, host?: Host, started_ns: number}} Call */
/** @typedef {{transfer: number, socket: string, encoding: string, bytes: number, chunk?: number, interval_ms?: number, started_ns: number}} Transfer */

/** @typedef {'capabilities'|'user_namespace'|'veth'} LabBackend */

/**
 * The session's two hosts and the wire between them. `wire` is absent until the server has told it.
 * @typedef {{backend: LabBackend, reason?: string, hosts: Record<Host, string[]>, quick_ack: boolean, opened_ns: number, wire?: Wire, kernel: {client?: Record<string, string>, server?: Record<string, string>}, kernel_defaults: Record<string, string>}} LabBase
 */

/** @typedef {LabBase & {flying: Map<number, FlyingSegment>}} Lab by number, in the order in which they left */
/** @typedef {Partial<LabBase> & {flying?: FlyingSegment[]}} LabJson */

/** @typedef {{seq: number, at_ns: number, sockets: Map<string, Socket>, calls: Map<number, Call>, transfers: Map<number, Transfer>, ports: number[], lab: Lab|null, demo: DemoRun|null}} Snapshot */
/** @typedef {{seq: number, at_ns?: number, sockets?: Socket[], calls?: Call[], transfers?: Transfer[], ports?: number[], lab?: LabJson, demo?: DemoRun}} SnapshotJson */

// Commands and answers.

/** @typedef {{type: string} & Record<string, any>} Command */
/** @typedef {{type: 'ok', id: number, calls?: number[], sockets?: string[], rule?: number, segment?: number, segments?: SegmentAnswer[], download?: string, files?: CodeFile[], n?: number, data?: string, bytes?: number, complete?: boolean, demo?: unknown, words?: DemoWords, takes?: Takes, text?: string}} Ok */
/** @typedef {'plain'|'keyword'|'string'|'number'|'comment'|'call'} CodeClass */
/** @typedef {{tokens: [CodeClass, string][], seqs?: number[]}} CodeLine */
/** A program of the command `code`. @typedef {{name: string, host: Host, run: string, sockets: string[], calls: number, lines: CodeLine[]}} CodeFile */
/** One of the answers to the command `segments`. @typedef {Segment & {landed_ns?: number, dropped_by?: WireActor}} SegmentAnswer */
/** As it calls itself: Linux and its release. @typedef {{system: string, release?: string}} Kernel */
/** @typedef {{available?: boolean, reason?: string, settings?: {name: string, sentence: string, hint?: string}[], lacks?: {name: string, reason: string}[], backend?: LabBackend, tried?: {backend: LabBackend, error: string}[], command?: string}} Capability */
/** @typedef {{type: 'error', id: number, code: string, field?: string, message: string}} Refusal */
/** @typedef {{type: 'hello', version: number, session: string, started_at: string, now_ns?: number, kernel?: Kernel, capabilities?: Record<string, Capability>}} Hello */

// The page's own words.

/**
 * A segment that an event of the log tells of is selected as that event; `segment` is for those that have none of
 * their own: copies, and what a summary stands for. See Store.segmentOf.
 * @typedef {{kind: 'event', seq: number}|{kind: 'socket', socket: string}|{kind: 'segment', segment: number}|null} Selection
 */
/** @typedef {{left: string|null, right: string|null}} Pair */

/**
 * What a frame of the page has to draw. `events` are the new ones; after a `reset` everything is new.
 * @typedef {{events: PlaygroundEvent[], reset: boolean, selection: boolean, hover: boolean, pair: boolean, connection: boolean, paused: boolean}} Change
 */

export {};
