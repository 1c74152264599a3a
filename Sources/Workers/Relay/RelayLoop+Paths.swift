import Datagrams
import Glibc
import Impairment
import Metrics

/// Clients that come and go, and what depends on the time of the run.
extension RelayLoop where Kernel: ~Copyable {
    // MARK: - Clients

    /// The path of message `index`, a new one for a new client; `nil` when it cannot be had.
    @inline(__always)
    mutating func path(
        _ kernel: inout Kernel, ofMessage index: Int, nowNs: Int64
    ) -> Int? {
        guard let address = incoming.rawSource(index) else { return nil }
        if paths.isOpen(lastPath), paths.isOf(lastPath, address) {
            paths.touch(lastPath, atNs: nowNs)
            return lastPath
        }
        if let path = paths.find(address) {
            paths.touch(path, atNs: nowNs)
            lastPath = path
            return path
        }
        return begin(
            &kernel, address, bytes: incoming.rawSourceBytes(index),
            flow: isLab ? flowOfNewcomer(index) : -1, nowNs: nowNs)
    }

    /// The flow of the run that a new client's first datagram is of; −1 for a stranger's.
    private func flowOfNewcomer(_ index: Int) -> Int {
        let octets = UnsafeRawPointer(incoming.slot(index))
        let flow = expectedFlow(octets, bytes: incoming.length(index))
        return isAnothers(flow, path: -1) ? -1 : flow
    }

    /// The flow whose probe this is, by its check; −1 for none of the run's.
    @inline(__always)
    func expectedFlow(_ octets: UnsafeRawPointer, bytes: Int) -> Int {
        guard bytes >= ProbeLayout.minimumBytes else { return -1 }
        let flow = Int(flowOfSession[Int(ProbeLayout.session(octets))])
        return flow >= 0 && probes.isProbe(octets, bytes: bytes, ofFlow: flow) ? flow : -1
    }

    /// Makes a path, at the cost of the one that was used least recently when there is no room.
    ///
    /// In the lab strangers have places of their own, and no more than these: there is always one
    /// for each flow of the run, and the path of such a flow is never given up.
    private mutating func begin(
        _ kernel: inout Kernel, _ address: UnsafePointer<UInt8>, bytes: Int, flow: Int,
        nowNs: Int64
    ) -> Int? {
        let isStranger = isLab && flow < 0
        if isStranger, strangers == RelayAssignment.strangersLimit || paths.isFull { return nil }
        if paths.isFull {
            guard let path = paths.leastRecent else { return nil }
            // What is staged for it has to leave through its socket.
            flush(&kernel)
            end(&kernel, path: path)
            evicted += 1
        }
        let path = paths.insert(address, bytes: bytes, atNs: nowNs)
        // Which of several targets a client's first datagram is for, what follows it is for.
        let target = flow < 0 ? 0 : probes.instance(ofFlow: flow)
        if let errno = kernel.open(RelayEndpoint.target(path), target: target) {
            sendErrors.add(errno)
            paths.remove(path)
            return nil
        }
        if !isLab { makeFlow(path, number: pathsBegun) }
        pathFlows[path] = (Int32(flow), -1)
        keep(path, ofFlow: flow)
        if isStranger { strangers += 1 }
        pathsBegun += 1
        lastPath = path
        return path
    }

    /// Pins the path of a flow that keeps its port: the first that brought a datagram of it. One
    /// that changes its ports leaves paths behind that are given up like any other.
    mutating func keep(_ path: Int, ofFlow flow: Int) {
        guard isLab, flow >= 0, pathOfFlow[flow] < 0, !probes.changesPorts(flow) else { return }
        pathOfFlow[flow] = Int32(path)
        paths.pin(path)
    }

    private mutating func end(_ kernel: inout Kernel, path: Int) {
        if !isLab {
            for direction in 0..<2 { abandonWaiting(2 * path + direction) }
        }
        if isLab, pathFlows[path].0 < 0 { strangers -= 1 }
        kernel.close(RelayEndpoint.target(path))
        paths.remove(path)
    }

    /// Gives up the datagrams of a flow that wait to be overtaken.
    private mutating func abandonWaiting(_ flow: Int) {
        while flows[flow].firstWaiting >= 0 {
            let slot = flows[flow].firstWaiting
            unlinkWaiting(slot)
            discard(slot, .flowGone)
        }
    }

    /// Forgets clients of which nothing was seen for longer than anything can be held for one.
    mutating func endIdle(_ kernel: inout Kernel, nowNs: Int64) {
        let heldNs = max(sides[0].queueNsMax, sides[1].queueNsMax) + Impairment.delayMaxNs
        while let path = paths.leastRecent,
            nowNs - paths.usedNs(path) > max(assignment.idleNs, heldNs)
        {
            end(&kernel, path: path)
            idled += 1
        }
    }

    // MARK: - Flows

    /// Flow `index` begins with its first datagram.
    mutating func makeFlow(_ index: Int, number: Int) {
        for direction in Direction.allCases {
            let place = flows + 2 * index + Int(direction.rawValue)
            let flow = RelayFlow(
                sides[Int(direction.rawValue)].impairment, seed: assignment.seed,
                direction: direction, number: number)
            if index < flowsMade { place.pointee = flow } else { place.initialize(to: flow) }
        }
        // Paths are numbered from 0 on, so there is never a gap.
        flowsMade = max(flowsMade, index + 1)
    }

    /// The flows of the expected sessions, and one for all else.
    mutating func makeExpectedFlows() {
        var flow = 0
        for stream in assignment.streams {
            for number in 0..<stream.flows {
                let session = stream.firstSession + number
                flowOfSession[session] = Int32(flow)
                makeFlow(flow, number: session - 1)
                flow += 1
            }
        }
        // No session has this number less one.
        makeFlow(flow, number: Int(UInt16.max))
    }

    // MARK: - Windows of time

    mutating func keepWindows(_ kernel: inout Kernel, nowNs: Int64) {
        guard nowNs >= nextEdgeNs else { return }
        let timeNs = nowNs - startNs
        for direction in 0..<2 {
            sides[direction].isBlackholed =
                sides[direction].impairment.blackholes.contain(timeNs)
        }
        nextEdgeNs = edge(after: timeNs)
        let isRefusing = sides[0].impairment.refusals.contain(timeNs)
        if isRefusing, isPortOpen {
            // What has come before belongs to the time before. Under a flood that never lets the
            // queue run empty, what is left of it after this time goes with the socket.
            while takeFromClients(&kernel) > 0, clock.nowNs() - nowNs < Self.emptyingLimitNs {}
            kernel.close(RelayEndpoint.clients)
            isPortOpen = false
        } else if !isRefusing, !isPortOpen {
            if let errno = kernel.open(RelayEndpoint.clients, target: 0) {
                sendErrors.add(errno)
                reopenFailures += 1
                nextEdgeNs = nowNs + Self.reopenEveryNs
            } else {
                isPortOpen = true
            }
        }
    }

    /// The next time at which a window opens or closes.
    private func edge(after timeNs: Int64) -> Int64 {
        var next = Int64.max
        for direction in 0..<2 {
            let impairment = sides[direction].impairment
            for window in impairment.blackholes + impairment.refusals {
                for edgeNs in [window.fromNs, window.untilNs] where edgeNs > timeNs {
                    next = min(next, edgeNs)
                }
            }
        }
        return next == .max ? .max : next &+ startNs
    }

    // MARK: - The end

    /// Counts what is left in the sockets and in memory: nothing is handed on any more.
    mutating func sweep(_ kernel: inout Kernel) {
        let untilNs = clock.nowNs() + Self.sweepLimitNs
        if isPortOpen { sweep(&kernel, RelayEndpoint.clients, path: nil, untilNs: untilNs) }
        for path in 0..<paths.limit where paths.isOpen(path) {
            sweep(&kernel, RelayEndpoint.target(path), path: path, untilNs: untilNs)
        }
        while timed.count > 0 { leave(timed.removeFirst(pool)) }
        while firstWaiting >= 0 {
            let slot = firstWaiting
            unlinkWaiting(slot)
            leave(slot)
        }
        recordOwnDelays()
        publish()
    }

    /// A datagram is still held at the end.
    private mutating func leave(_ slot: Int32) {
        let datagram = pool.header(slot).pointee.datagram
        if datagram.isProbe {
            probes.held(
                datagram.wireSequence, flow: Int(datagram.flow), datagram.direction)
        }
        discard(slot, .heldAtStop)
    }

    /// A probe has come too late to be handed on.
    private mutating func note(
        _ octets: UnsafeMutableRawPointer, bytes: Int, path: Int, _ direction: Direction
    ) {
        let flow = expectedFlow(octets, bytes: bytes)
        guard flow >= 0, !isAnothers(flow, path: path) else { return }
        let sequence = ProbeLayout.sequence(octets)
        if probes.arrived(sequence, flow: flow, direction) {
            probes.held(sequence, flow: flow, direction)
        }
    }

    private mutating func sweep(
        _ kernel: inout Kernel, _ endpoint: Int, path: Int?, untilNs: Int64
    ) {
        let side = sides + (path == nil ? 0 : 1)
        while clock.nowNs() < untilNs {
            let count =
                path == nil ? kernel.receive(endpoint, incoming) : kernel.receive(endpoint, replies)
            guard count > 0 else { return }
            side.pointee.accounts.received += count
            side.pointee.accounts.heldAtStop += count
            guard isLab else { continue }
            for index in 0..<count {
                guard let path else {
                    let path = incoming.rawSource(index).flatMap { paths.find($0) }
                    note(
                        incoming.slot(index), bytes: incoming.length(index), path: path ?? -1,
                        .forward)
                    continue
                }
                note(replies.slot(index), bytes: replies.length(index), path: path, .backward)
            }
        }
    }
}
