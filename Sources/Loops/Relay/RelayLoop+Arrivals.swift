import Datagrams
import Glibc
import Impairment
import Metrics

extension RelayLoop where Kernel: ~Copyable {
    // MARK: - Per socket

    mutating func serve(_ kernel: inout Kernel, endpoint: Int, hasError: Bool) {
        if hasError { readErrors(&kernel, endpoint: endpoint) }
        if endpoint == RelayEndpoint.clients {
            for _ in 0..<Self.batchesPerTurn {
                guard takeFromClients(&kernel) == Self.batch else { return }
            }
        } else if paths.isOpen(endpoint - 1) {
            for _ in 0..<Self.batchesPerTurn {
                guard takeFromTarget(&kernel, path: endpoint - 1) == Self.batch else { return }
            }
        }
    }

    /// Reads the entries of an error queue, and counts the resets among them.
    /// - Returns: The number of entries.
    @discardableResult
    mutating func readErrors(_ kernel: inout Kernel, endpoint: Int) -> Int {
        for count in 0..<Self.batch {
            guard let entry = kernel.nextError(endpoint) else { return count }
            guard entry.isICMP, entry.errno == .connectionRefused else { continue }
            if endpoint == RelayEndpoint.clients { clientResets += 1 } else { targetResets += 1 }
        }
        return Self.batch
    }

    /// Handles a failed receive call: the error concerned a datagram sent earlier, or this host
    /// fails the call.
    private mutating func receiveFailed(_ result: Int, _ kernel: inout Kernel, endpoint: Int) {
        let errno = SystemErrno(rawValue: Int32(-result))
        let isOfDatagram = readErrors(&kernel, endpoint: endpoint) > 0
        let lasts =
            endpoint == RelayEndpoint.clients
            ? clientErrors.add(errno, isOfDatagram: isOfDatagram)
            : targetErrors.add(errno, isOfDatagram: isOfDatagram)
        if lasts { fault = .cannotReceive(call: incoming.receiveCall, errno) }
    }

    /// Receives from the clients.
    /// - Returns: The number of messages received.
    mutating func takeFromClients(_ kernel: inout Kernel) -> Int {
        let count = kernel.receive(RelayEndpoint.clients, incoming)
        if count < 0, count != -Int(EAGAIN) {
            receiveFailed(count, &kernel, endpoint: RelayEndpoint.clients)
            return 0
        }
        clientErrors.worked()
        guard count > 0 else { return 0 }
        let now = clock.nowNs()
        if usesKernelTimestamps { arrivalClock.look(clock, sinceNs: now) }
        for index in 0..<count {
            guard let path = path(&kernel, ofMessage: index, nowNs: now) else {
                sides[0].accounts.received += 1
                sides[0].accounts.noFlow += 1
                continue
            }
            pass(
                &kernel, UnsafeMutableRawPointer(incoming.slot(index)),
                bytes: incoming.length(index), path: path, .forward,
                trafficClass: incoming.trafficClass(index), hopLimit: incoming.hopLimit(index),
                arrivedNs: usesKernelTimestamps
                    ? arrival(incoming.kernelNs(index), nowNs: now) : now, nowNs: now)
        }
        flush(&kernel)
        return count
    }

    private mutating func takeFromTarget(_ kernel: inout Kernel, path: Int) -> Int {
        let count = kernel.receive(RelayEndpoint.target(path), replies)
        if count < 0, count != -Int(EAGAIN) {
            receiveFailed(count, &kernel, endpoint: RelayEndpoint.target(path))
            return 0
        }
        targetErrors.worked()
        guard count > 0 else { return 0 }
        let now = clock.nowNs()
        if usesKernelTimestamps { arrivalClock.look(clock, sinceNs: now) }
        paths.touch(path, atNs: now)
        for index in 0..<count {
            pass(
                &kernel, UnsafeMutableRawPointer(replies.slot(index)),
                bytes: replies.length(index), path: path, .backward,
                trafficClass: replies.trafficClass(index), hopLimit: replies.hopLimit(index),
                arrivedNs: usesKernelTimestamps
                    ? arrival(replies.kernelNs(index), nowNs: now) : now, nowNs: now)
        }
        flush(&kernel)
        return count
    }

    /// Returns the kernel's receive time of a message in monotonic time; see ResponderLoop.
    private func arrival(_ kernelNs: Int64, nowNs: Int64) -> Int64 {
        guard let arrivedNs = arrivalClock.arrivedNs(kernelNs: kernelNs, nowNs: nowNs),
            nowNs &- arrivedNs < StackDelay.limitNs
        else { return nowNs }
        return arrivedNs
    }

    // MARK: - Per datagram

    /// Decides on a datagram and carries the decision out.
    @inline(__always)
    private mutating func pass(
        _ kernel: inout Kernel, _ octets: UnsafeMutableRawPointer, bytes: Int, path: Int,
        _ direction: Direction, trafficClass: UInt8, hopLimit: UInt8, arrivedNs: Int64,
        nowNs: Int64
    ) {
        let side = sides + Int(direction.rawValue)
        let (flowIndex, wireSequence) =
            isLab ? classified(octets, bytes: bytes, path: path, direction) : (path, nil)
        let flow = flows + 2 * flowIndex + Int(direction.rawValue)
        let number = flow.pointee.fates.count
        let fate = flow.pointee.fates.next()
        side.pointee.digest.add(flow: flow.pointee.number, n: number, fate)
        side.pointee.accounts.received += 1
        var datagram = RelayDatagram(
            flow: Int32(flowIndex), number: number, path: Int32(path),
            generation: paths.generation(path), bytes: Int32(bytes),
            wireSequence: wireSequence ?? 0, direction: direction,
            isProbe: wireSequence != nil, isCopy: false, alterations: AlterationSet(),
            isLate: false,
            holdDepth: Int32(truncatingIfNeeded: fate.holdDepth), trafficClass: trafficClass,
            hopLimit: RelayHop.leaving(hopLimit), arrivedNs: arrivedNs, dueNs: arrivedNs)
        var decision: RelayLog.Decision = []
        if RelayHop.isLast(hopLimit) {
            side.pointee.accounts.hopLimit += 1
            decision = .hopLimit
        } else if way(ofFlow: flowIndex, direction).pointee.isBlackholed {
            side.pointee.accounts.blackholed += 1
            decision = .blackholed
        } else if fate.isLost {
            side.pointee.accounts.lost += 1
            decision = .lost
        } else {
            if !fate.alterations.isEmpty {
                let payload = UnsafeMutableRawBufferPointer(start: octets, count: bytes)
                let altered = flow.pointee.fates.alter(payload, number: number, fate.alterations)
                datagram.bytes = Int32(altered.bytes)
                datagram.alterations = altered.done
                decision.formUnion(RelayLog.Decision(altered.done))
            }
            for copy in 0...fate.copies {
                datagram.isCopy = copy > 0
                if copy > 0 { decision.insert(.duplicated) }
                decision.formUnion(
                    place(&kernel, &datagram, delayNs: fate.delayNs, octets, nowNs: nowNs))
            }
        }
        if log != nil { write(datagram, decision, flow: flow.pointee.number) }
    }

    /// Forwards a datagram or holds it, according to its due time.
    private mutating func place(
        _ kernel: inout Kernel, _ datagram: inout RelayDatagram, delayNs: Int64,
        _ octets: UnsafeMutableRawPointer, nowNs: Int64
    ) -> RelayLog.Decision {
        let way = way(ofFlow: Int(datagram.flow), datagram.direction)
        let bytes = Int(datagram.bytes)
        var dueNs = datagram.arrivedNs
        if way.pointee.queue != nil {
            let leavesNs = way.pointee.queue?.admit(
                atNs: dueNs, bytes: bytes + Bottleneck.headerBytes)
            guard let leavesNs else {
                drop(datagram, .tailDropped)
                return .tailDropped
            }
            dueNs = leavesNs
        }
        dueNs += delayNs
        if way.pointee.keepsOrder {
            let flow = flows + 2 * Int(datagram.flow) + Int(datagram.direction.rawValue)
            dueNs = max(dueNs, flow.pointee.lastDueNs)
            flow.pointee.lastDueNs = dueNs
        }
        datagram.dueNs = dueNs
        // Set even if the delay has already passed: the decision was to delay.
        var decision: RelayLog.Decision = dueNs > datagram.arrivedNs ? .delayed : []
        if datagram.holdDepth > 0 { decision.insert(.heldBack) }
        // Held datagrams that are due earlier are sent earlier.
        let isDue = dueNs <= nowNs && timed.nextNs > dueNs
        let waits = isDue && waitsForLater(datagram)
        if isDue, !waits {
            leave(&kernel, datagram, octets: octets, slot: -1)
            return decision
        }
        guard let slot = pool.take(bytes: bytes) else {
            drop(datagram, .noMemory)
            return .noMemory
        }
        pool.header(slot).initialize(to: HeldDatagram(datagram: datagram, order: 0))
        pool.payload(slot).copyMemory(from: octets, byteCount: bytes)
        if waits {
            wait(&kernel, slot: slot, nowNs: nowNs)
        } else {
            timed.insert(slot, dueNs: dueNs, pool)
        }
        return decision
    }

    /// Counts a dropped datagram; for a copy, only the drop of the copy.
    func drop(_ datagram: RelayDatagram, _ reason: RelayDrop) {
        let side = sides + Int(datagram.direction.rawValue)
        if datagram.isCopy {
            side.pointee.accounts.copiesDropped += 1
        } else {
            side.pointee.accounts.count(reason)
        }
    }

    @inline(never)
    private mutating func write(
        _ datagram: RelayDatagram, _ decision: RelayLog.Decision, flow: Int
    ) {
        let row = RelayLog.Row(
            timeNs: datagram.arrivedNs, flow: flow, number: datagram.number,
            delayNs: datagram.dueNs - datagram.arrivedNs, bytes: datagram.bytes,
            decision: decision, isForward: datagram.direction == .forward)
        if log?.add(row) == false { logRowsLost += 1 }
    }

    // MARK: - Whose it is

    /// Returns the flow of a datagram in the lab, and its number if it is an expected one.
    ///
    /// An echo belongs to the flow whose probes came over its path, whatever its session number:
    /// that number may have been altered on the path. Requests and their answers belong to the flow
    /// of the client, whatever is in them.
    private mutating func classified(
        _ octets: UnsafeMutableRawPointer, bytes: Int, path: Int, _ direction: Direction
    ) -> (flow: Int, wireSequence: UInt32?) {
        let side = sides + Int(direction.rawValue)
        if hasRequests, let request = requestFlow(path) {
            return (request, probes.arrived(ofRequests: request, direction))
        }
        var named = Int32(expectedFlow(octets, bytes: bytes, direction))
        if isAnothers(Int(named), path: path) { named = -1 }
        var flow = named
        if direction == .forward {
            if named >= 0, named != pathFlows[path].0 {
                if pathFlows[path].0 < 0 { strangers -= 1 }
                pathFlows[path] = (named, pathFlows[path].0)
                keep(path, ofFlow: Int(named))
            }
        } else if named < 0 || named != pathFlows[path].0 && named != pathFlows[path].1 {
            flow = pathFlows[path].0
        }
        let sequence = ProbeLayout.sequence(octets)
        if flow >= 0, flow == named, probes.arrived(sequence, flow: Int(flow), direction) {
            return (Int(flow), sequence)
        }
        side.pointee.accounts.foreign += 1
        return (flow >= 0 ? Int(flow) : flowsCapacity - 1, nil)
    }

    /// Returns the flow of requests whose client a path is; nil for other clients.
    func requestFlow(_ path: Int) -> Int? {
        guard path >= 0 else { return nil }
        let flow = Int(pathFlows[path].0)
        return flow >= 0 && probes.isOfRequests(flow) ? flow : nil
    }
}
