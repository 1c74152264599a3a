import Datagrams
import Glibc
import Impairment
import Metrics

/// Clients that appear and disappear, and actions at times of the run.
extension RelayLoop where Kernel: ~Copyable {
    // MARK: - Clients

    /// Returns the path of message `index`, a new one for a new client; `nil` if there is none.
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

    /// Returns the run's flow of a new client's first datagram; −1 for an unknown source.
    private func flowOfNewcomer(_ index: Int) -> Int {
        let octets = UnsafeRawPointer(incoming.slot(index))
        let flow = expectedFlow(octets, bytes: incoming.length(index), .forward)
        return isAnothers(flow, path: -1) ? -1 : flow
    }

    /// Returns the flow of a probe, verified by its check; −1 for a datagram of no flow of the run.
    @inline(__always)
    func expectedFlow(_ octets: UnsafeRawPointer, bytes: Int, _ direction: Direction) -> Int {
        guard bytes >= ProbeLayout.minimumBytes else { return -1 }
        let flow = Int(flowOfSession[Int(ProbeLayout.session(octets))])
        return flow >= 0 && probes.isProbe(octets, bytes: bytes, ofFlow: flow, direction)
            ? flow : -1
    }

    /// Makes a path, and evicts the least recently used path if there is no free one.
    ///
    /// In the lab unknown sources have a fixed number of paths: there is always a path for each
    /// flow of the run, and the path of such a flow is never evicted.
    private mutating func begin(
        _ kernel: inout Kernel, _ address: UnsafePointer<UInt8>, bytes: Int, flow: Int,
        nowNs: Int64
    ) -> Int? {
        let isStranger = isLab && flow < 0
        if isStranger, strangers == RelayAssignment.strangersLimit || paths.isFull { return nil }
        if paths.isFull {
            guard let path = paths.leastRecent else { return nil }
            // Staged datagrams of the path must be sent through its socket first.
            flush(&kernel)
            end(&kernel, path: path)
            evicted += 1
        }
        let path = paths.insert(address, bytes: bytes, atNs: nowNs)
        // A client's first datagram determines the target, of several, of all its later ones.
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

    /// Pins the path of a flow that keeps its port: the first path with a datagram of the flow. A
    /// flow that changes its ports leaves paths that may be evicted.
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

    /// Drops the datagrams of a flow that wait to be overtaken.
    private mutating func abandonWaiting(_ flow: Int) {
        while flows[flow].firstWaiting >= 0 {
            let slot = flows[flow].firstWaiting
            unlinkWaiting(slot)
            discard(slot, .flowGone)
        }
    }

    /// Ends the paths of clients that were idle for longer than any datagram can be held for them.
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

    /// Makes flow `index` at its first datagram.
    mutating func makeFlow(_ index: Int, number: Int) {
        for direction in Direction.allCases {
            let place = flows + 2 * index + Int(direction.rawValue)
            let flow = RelayFlow(
                way(ofFlow: index, direction).pointee.impairment, seed: assignment.seed,
                direction: direction, number: number)
            if index < flowsMade { place.pointee = flow } else { place.initialize(to: flow) }
        }
        // Paths are numbered from 0 on, so there is never a gap.
        flowsMade = max(flowsMade, index + 1)
    }

    /// Makes the flows of the expected sessions, and one for all other datagrams.
    mutating func makeExpectedFlows() {
        var flow = 0
        for stream in assignment.streams {
            for number in 0..<stream.flows {
                let session = stream.firstSession + number
                flowOfSession[session] = Int32(flow)
                reversals[flow] = stream.isReversed ? 1 : 0
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
            // Datagrams received before the closing belong to the time before. Under a flood that
            // never lets the queue run empty, the rest is discarded with the socket after this
            // time.
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

    /// Returns the next time at which a window opens or closes.
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

    /// Counts the datagrams left in the sockets and in memory: none is forwarded any more.
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

    /// Counts a datagram that is still held at the end.
    private mutating func leave(_ slot: Int32) {
        let datagram = pool.header(slot).pointee.datagram
        if datagram.isProbe {
            probes.held(
                datagram.wireSequence, flow: Int(datagram.flow), datagram.direction)
        }
        discard(slot, .heldAtStop)
    }

    /// Records a probe that arrived too late to be forwarded.
    private mutating func note(
        _ octets: UnsafeMutableRawPointer, bytes: Int, path: Int, _ direction: Direction
    ) {
        if hasRequests, let request = requestFlow(path) {
            let number = probes.arrived(ofRequests: request, direction)
            probes.held(number, flow: request, direction)
            return
        }
        let flow = expectedFlow(octets, bytes: bytes, direction)
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
