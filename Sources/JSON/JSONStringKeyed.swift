/// `Dictionary<String, _>`, recognisable without knowing its value type.
protocol JSONStringKeyed {}

protocol JSONStringKeyedEncodable: JSONStringKeyed {
    var membersByName: [(name: String, value: any Encodable)] { get }
}

protocol JSONStringKeyedDecodable: JSONStringKeyed {
    init(members: [JSONMember], decoder: JSONValueDecoder) throws
}

extension Dictionary: JSONStringKeyed where Key == String {}

extension Dictionary: JSONStringKeyedEncodable where Key == String, Value: Encodable {
    var membersByName: [(name: String, value: any Encodable)] {
        sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension Dictionary: JSONStringKeyedDecodable where Key == String, Value: Decodable {
    init(members: [JSONMember], decoder: JSONValueDecoder) throws {
        self.init(minimumCapacity: members.count)
        for member in members {
            let key = JSONCodingKey(stringValue: member.key)
            self[member.key] = try decoder.child(member.value, key).unbox(Value.self)
        }
    }
}
