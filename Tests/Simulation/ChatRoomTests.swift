import Datagrams
import Testing

@testable import Loops

/// Who is in a room.
@Suite struct ChatRoomTests {
    /// Someone of this number, as the kernel would write the address.
    private func hear(
        _ room: inout ChatRoom, _ number: Int, atNs nowNs: Int64 = 0
    ) -> ChatRoom.Hearing {
        Self.withAddress(number) { room.heard(from: $0, bytes: 16, atNs: nowNs) }
    }

    private static func withAddress<Result>(
        _ number: Int, _ body: (UnsafePointer<UInt8>) -> Result
    ) -> Result {
        var octets = [UInt8](repeating: 0, count: ReceiveBatch.addressBytes)
        octets[0] = 2
        octets[2] = UInt8(truncatingIfNeeded: number >> 8)
        octets[3] = UInt8(truncatingIfNeeded: number)
        octets[4] = 127
        octets[5] = UInt8(truncatingIfNeeded: number >> 16)
        return octets.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure() }
            return body(base)
        }
    }

    private func numbers(_ room: borrowing ChatRoom) -> Set<Int> {
        var numbers: Set<Int> = []
        for member in 0..<room.count {
            let octets = room.address(member)
            numbers.insert(Int(octets[5]) << 16 | Int(octets[2]) << 8 | Int(octets[3]))
        }
        return numbers
    }

    @Test("who speaks is a member, once")
    func joinsOnce() {
        var room = ChatRoom(capacity: 4)
        #expect(hear(&room, 7) == .joined)
        #expect(hear(&room, 7) == .member)
        #expect(hear(&room, 8) == .joined)
        #expect(room.count == 2)
        #expect(room.joined == 2)
        #expect(numbers(room) == [7, 8])
        #expect(room.addressBytes(0) == 16)
    }

    @Test("H8 a flood of sources leaves memory and members as they are")
    func h8flood() {
        var room = ChatRoom(capacity: 100)
        for number in 0..<100 { _ = hear(&room, number) }
        for number in 100..<100_100 { #expect(hear(&room, number) == .full) }
        #expect(room.count == 100)
        #expect(numbers(room) == Set(0..<100))
    }

    @Test("who was silent for longer than the limit is gone, who spoke is not")
    func expires() {
        let second: Int64 = 1_000_000_000
        var room = ChatRoom(capacity: 10, idleNs: 10 * second)
        for number in 0..<10 { _ = hear(&room, number, atNs: Int64(number) * second) }
        #expect(hear(&room, 10, atNs: 10 * second) == .full)
        // At 14 s, those who spoke at 0 to 3 s were silent for longer than 10 s.
        #expect(hear(&room, 10, atNs: 14 * second) == .joined)
        #expect(numbers(room) == Set(4...10))
        #expect(room.expired == 4)
    }

    @Test("members come and go as in a set, whatever collides")
    func behavesAsASet() {
        for seed in UInt64(1)...20 {
            var state = seed
            func next(_ bound: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % bound
            }
            var room = ChatRoom(capacity: 64)
            var model: Set<Int> = []
            for _ in 0..<5_000 {
                let number = next(100)
                if next(2) == 0 {
                    let expected: ChatRoom.Hearing =
                        model.contains(number) ? .member : model.count < 64 ? .joined : .full
                    #expect(hear(&room, number) == expected, "seed \(seed)")
                    if expected == .joined { model.insert(number) }
                } else {
                    let left = Self.withAddress(number) { room.leave($0) }
                    #expect(left == (model.remove(number) != nil), "seed \(seed)")
                }
                #expect(room.count == model.count, "seed \(seed)")
            }
            #expect(numbers(room) == model, "seed \(seed)")
        }
    }

    @Test("a room of nobody takes nobody")
    func empty() {
        var room = ChatRoom(capacity: 0)
        #expect(hear(&room, 1) == .full)
        #expect(room.count == 0)
    }
}
