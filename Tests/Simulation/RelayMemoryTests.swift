import Datagrams
import Harness
import Impairment
import Testing

@testable import Loops

/// The parts that keep a relay's memory fixed, against obvious models.
@Suite struct RelayMemoryTests {
    private static func raw(_ address: SocketAddress) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: ReceiveBatch.addressBytes)
        address.withRaw { raw, size in
            octets.withUnsafeMutableBytes {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: raw, count: Int(size)))
            }
        }
        return octets
    }

    @Test("a path table is a dictionary with the order of use", arguments: [1, 2, 3, 4])
    func pathTable(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var table = PathTable(limit: 37, salt: seed)
        var model: [(port: UInt16, path: Int)] = []  // The one used last is last.
        for step in 0..<20_000 {
            let port = UInt16.random(in: 1...80, using: &generator)
            let address = Self.raw(SimulatedRelayNetwork.address("127.0.0.1", port))
            let found = table.find(address)
            let known = model.firstIndex { $0.port == port }
            #expect(found == known.map { model[$0].path }, "seed \(seed), step \(step)")
            if let found, let known {
                if generator.chance(0.2) {
                    table.remove(found)
                    model.remove(at: known)
                } else {
                    table.touch(found, atNs: Int64(step))
                    model.append(model.remove(at: known))
                }
            } else if table.isFull {
                #expect(table.leastRecent == model.first?.path)
                table.remove(model.removeFirst().path)
            } else {
                let path = table.insert(address, bytes: 16, atNs: Int64(step))
                #expect(!model.contains { $0.path == path })
                model.append((port, path))
            }
            #expect(table.count == model.count)
            #expect(table.leastRecent == model.first?.path)
        }
    }

    @Test("a pinned path is never the one to give up, and is found and ended like any other")
    func pinnedPaths() {
        var table = PathTable(limit: 3, salt: 1)
        let addresses = (1...4).map {
            Self.raw(SimulatedRelayNetwork.address("127.0.0.1", UInt16($0)))
        }
        let paths = addresses.prefix(3).enumerated().map {
            table.insert($0.element, bytes: 16, atNs: Int64($0.offset))
        }
        table.pin(paths[0])
        table.pin(paths[0])
        #expect(table.leastRecent == paths[1])
        table.touch(paths[0], atNs: 10)
        #expect(table.usedNs(paths[0]) == 10)
        table.pin(paths[1])
        table.pin(paths[2])
        let isFull = table.isFull
        #expect(isFull)
        #expect(table.leastRecent == nil)
        #expect(table.find(addresses[0]) == paths[0])
        table.remove(paths[0])
        #expect(table.find(addresses[0]) == nil)
        let again = table.insert(addresses[3], bytes: 16, atNs: 20)
        #expect(table.leastRecent == again, "the number is used again, and is not pinned")
    }

    @Test("no two slots of a pool overlap, and all come back", arguments: [1, 2, 3])
    func pool(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var pool = DatagramPool(slabs: 12)
        var held: [(slot: Int32, bytes: Int, mark: UInt8)] = []
        var refusals = 0
        for step in 0..<20_000 {
            if generator.chance(0.55) {
                let largest =
                    [100, 168, 1_472, 9_000, 65_507].randomElement(using: &generator) ?? 1
                let bytes = Int.random(in: 0...largest, using: &generator)
                guard let slot = pool.take(bytes: bytes) else {
                    refusals += 1
                    continue
                }
                let mark = UInt8(truncatingIfNeeded: step)
                pool.payload(slot).initializeMemory(as: UInt8.self, repeating: mark, count: bytes)
                held.append((slot, bytes, mark))
            } else if !held.isEmpty {
                let place = Int.random(in: 0..<held.count, using: &generator)
                let (slot, bytes, mark) = held.remove(at: place)
                let octets = UnsafeRawBufferPointer(start: pool.payload(slot), count: bytes)
                #expect(octets.allSatisfy { $0 == mark }, "seed \(seed), step \(step)")
                pool.give(slot, bytes: bytes)
            }
            #expect(pool.heldBytes == held.reduce(0) { $0 + $1.bytes })
        }
        #expect(refusals > 0, "the pool was full at times")
        for (slot, bytes, _) in held { pool.give(slot, bytes: bytes) }
        #expect(pool.heldCount == 0)
        var whole = 0
        while pool.take(bytes: 65_507) != nil { whole += 1 }
        #expect(whole == 12, "every slab is whole again")
    }

    @Test(
        "a timed queue gives what is due first, of equals the first to come", arguments: [1, 2, 3])
    func timedQueue(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var pool = DatagramPool(slabs: 4)
        var queue = TimedQueue(capacity: pool.slotNames)
        var model: [(dueNs: Int64, slot: Int32)] = []
        for step in 0..<20_000 {
            if generator.chance(0.52), let slot = pool.take(bytes: 10) {
                let dueNs = Int64(step / 10) + Int64.random(in: 0...50, using: &generator)
                pool.header(slot).initialize(
                    to: HeldDatagram(datagram: Self.datagram(dueNs), order: 0))
                queue.insert(slot, dueNs: dueNs, pool)
                let place = model.firstIndex { $0.dueNs > dueNs } ?? model.count
                model.insert((dueNs, slot), at: place)
            } else if queue.count > 0 {
                #expect(queue.nextNs == model[0].dueNs, "seed \(seed), step \(step)")
                let slot = queue.removeFirst(pool)
                #expect(slot == model.removeFirst().slot, "seed \(seed), step \(step)")
                pool.give(slot, bytes: 10)
            }
            #expect(queue.count == model.count)
            #expect(queue.nextNs == model.first?.dueNs ?? .max)
        }
    }

    private static func datagram(_ dueNs: Int64) -> RelayDatagram {
        RelayDatagram(
            flow: 0, number: 0, path: 0, generation: 0, bytes: 10, wireSequence: 0,
            direction: .forward, isProbe: false, isCopy: false, alterations: AlterationSet(),
            isLate: false,
            holdDepth: 0, trafficClass: 0, hopLimit: 0, arrivedNs: 0, dueNs: dueNs)
    }
}
