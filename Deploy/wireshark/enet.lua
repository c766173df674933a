-- ENet 1.3 for Wireshark and tshark: the header of a datagram and its commands.
--
--   wireshark -X lua_script:enet.lua FILE
--
-- or a copy in the folder that Help > About > Folders calls "Personal Lua Plugins". Datagrams on any UDP port that are
-- ENet's from the first byte to the last are taken for it; for others use Analyze > Decode As, or
-- -d udp.port==PORT,enet.
--
-- Left out: checksums, and what is inside compressed datagrams; both look like nothing else without the host's settings.

local enet = Proto("enet", "ENet")

-- From libenet's protocol.h: names and sizes of commands, and where the length of the data that follows is.
local commands = {
    [1] = { name = "ACKNOWLEDGE", size = 8 },
    [2] = { name = "CONNECT", size = 48 },
    [3] = { name = "VERIFY_CONNECT", size = 44 },
    [4] = { name = "DISCONNECT", size = 8 },
    [5] = { name = "PING", size = 4 },
    [6] = { name = "SEND_RELIABLE", size = 6, length = 4 },
    [7] = { name = "SEND_UNRELIABLE", size = 8, length = 6 },
    [8] = { name = "SEND_FRAGMENT", size = 24, length = 6 },
    [9] = { name = "SEND_UNSEQUENCED", size = 8, length = 6 },
    [10] = { name = "BANDWIDTH_LIMIT", size = 12 },
    [11] = { name = "THROTTLE_CONFIGURE", size = 16 },
    [12] = { name = "SEND_UNRELIABLE_FRAGMENT", size = 24, length = 6 },
}
local names = {}
for number, command in pairs(commands) do names[number] = command.name end

local fields = {
    peer = ProtoField.uint16("enet.peer", "Peer", base.DEC, nil, 0x0FFF),
    session = ProtoField.uint16("enet.session", "Session", base.DEC, nil, 0x3000),
    compressed = ProtoField.bool("enet.compressed", "Compressed", 16, nil, 0x4000),
    timed = ProtoField.bool("enet.timed", "Has a sent time", 16, nil, 0x8000),
    sent = ProtoField.uint16("enet.sent_time", "Sent time (ms, low 16 bits)"),
    command = ProtoField.uint8("enet.command", "Command", base.DEC, names, 0x0F),
    unsequenced = ProtoField.bool("enet.flag.unsequenced", "Unsequenced", 8, nil, 0x40),
    acknowledge = ProtoField.bool("enet.flag.acknowledge", "To be acknowledged", 8, nil, 0x80),
    channel = ProtoField.uint8("enet.channel", "Channel"),
    reliable = ProtoField.uint16("enet.reliable_number", "Reliable sequence number"),
    number = ProtoField.uint16("enet.number", "Sequence number"),
    group = ProtoField.uint16("enet.group", "Unsequenced group"),
    start = ProtoField.uint16("enet.start_number", "Number of the first fragment"),
    length = ProtoField.uint16("enet.length", "Length of the data"),
    count = ProtoField.uint32("enet.fragment.count", "Fragments"),
    index = ProtoField.uint32("enet.fragment.index", "Fragment"),
    total = ProtoField.uint32("enet.fragment.total", "Length of the packet"),
    offset = ProtoField.uint32("enet.fragment.offset", "Offset in the packet"),
    acked = ProtoField.uint16("enet.ack.number", "Acknowledged number"),
    acked_time = ProtoField.uint16("enet.ack.sent_time", "Acknowledged sent time"),
    outgoing_peer = ProtoField.uint16("enet.connect.peer", "Peer of the sender"),
    incoming_session = ProtoField.uint8("enet.connect.incoming_session", "Incoming session"),
    outgoing_session = ProtoField.uint8("enet.connect.outgoing_session", "Outgoing session"),
    mtu = ProtoField.uint32("enet.connect.mtu", "MTU"),
    window = ProtoField.uint32("enet.connect.window", "Window"),
    channels = ProtoField.uint32("enet.connect.channels", "Channels"),
    incoming = ProtoField.uint32("enet.bandwidth.incoming", "Incoming bandwidth (bytes/s)"),
    outgoing = ProtoField.uint32("enet.bandwidth.outgoing", "Outgoing bandwidth (bytes/s)"),
    interval = ProtoField.uint32("enet.throttle.interval", "Throttle interval (ms)"),
    acceleration = ProtoField.uint32("enet.throttle.acceleration", "Throttle acceleration"),
    deceleration = ProtoField.uint32("enet.throttle.deceleration", "Throttle deceleration"),
    connect_id = ProtoField.uint32("enet.connect.id", "Connect id", base.HEX),
    word = ProtoField.uint32("enet.data_word", "Data word", base.HEX),
    data = ProtoField.bytes("enet.data", "Data"),
    rest = ProtoField.bytes("enet.rest", "Rest"),
}
enet.fields = fields

local unreadable = ProtoExpert.new(
    "enet.unreadable", "This is no command of ENet's", expert.group.MALFORMED, expert.severity.ERROR)
local packed = ProtoExpert.new(
    "enet.packed", "The commands are compressed", expert.group.UNDECODED, expert.severity.NOTE)
enet.experts = { unreadable, packed }

-- What follows the four bytes that all commands begin with: field, offset, size.
local numbers = { { "length", 6, 2 } }
local handshake = {
    { "outgoing_peer", 4, 2 }, { "incoming_session", 6, 1 }, { "outgoing_session", 7, 1 }, { "mtu", 8, 4 },
    { "window", 12, 4 }, { "channels", 16, 4 }, { "incoming", 20, 4 }, { "outgoing", 24, 4 }, { "interval", 28, 4 },
    { "acceleration", 32, 4 }, { "deceleration", 36, 4 }, { "connect_id", 40, 4 },
}
local fragment = {
    { "start", 4, 2 }, { "length", 6, 2 }, { "count", 8, 4 }, { "index", 12, 4 }, { "total", 16, 4 },
    { "offset", 20, 4 },
}
local contents = {
    [1] = { { "acked", 4, 2 }, { "acked_time", 6, 2 } },
    [2] = handshake,
    [3] = handshake,
    [4] = { { "word", 4, 4 } },
    [5] = {},
    [6] = { { "length", 4, 2 } },
    [7] = { { "number", 4, 2 }, numbers[1] },
    [8] = fragment,
    [9] = { { "group", 4, 2 }, numbers[1] },
    [10] = { { "incoming", 4, 4 }, { "outgoing", 8, 4 } },
    [11] = { { "interval", 4, 4 }, { "acceleration", 8, 4 }, { "deceleration", 12, 4 } },
    [12] = fragment,
}

-- The command at `offset`: its kind, and the length of its data; nothing where there is none.
local function command_at(buffer, offset)
    if offset >= buffer:len() then return nil end
    local kind = bit32.band(buffer(offset, 1):uint(), 0x0F)
    local command = commands[kind]
    if not command or offset + command.size > buffer:len() then return nil end
    local length = command.length and buffer(offset + command.length, 2):uint() or 0
    if offset + command.size + length > buffer:len() then return nil end
    return kind, length
end

local function header_length(buffer)
    if buffer:len() < 2 then return nil end
    local length = bit32.band(buffer(0, 1):uint(), 0x80) ~= 0 and 4 or 2
    return buffer:len() >= length and length or nil
end

local function is_compressed(buffer) return bit32.band(buffer(0, 1):uint(), 0x40) ~= 0 end

local function show_command(buffer, offset, kind, length, tree)
    local size = commands[kind].size
    local item = tree:add(enet, buffer(offset, size + length), commands[kind].name)
    item:add(fields.command, buffer(offset, 1))
    item:add(fields.acknowledge, buffer(offset, 1))
    item:add(fields.unsequenced, buffer(offset, 1))
    item:add(fields.channel, buffer(offset + 1, 1))
    item:add(fields.reliable, buffer(offset + 2, 2))
    for _, part in ipairs(contents[kind]) do
        item:add(fields[part[1]], buffer(offset + part[2], part[3]))
    end
    if kind == 2 then item:add(fields.word, buffer(offset + 44, 4)) end
    if length > 0 then item:add(fields.data, buffer(offset + size, length)) end
end

function enet.dissector(buffer, packet, root)
    local offset = header_length(buffer)
    if not offset then return 0 end
    packet.cols.protocol = "ENet"
    local tree = root:add(enet, buffer())
    tree:add(fields.timed, buffer(0, 2))
    tree:add(fields.compressed, buffer(0, 2))
    tree:add(fields.session, buffer(0, 2))
    tree:add(fields.peer, buffer(0, 2))
    if offset == 4 then tree:add(fields.sent, buffer(2, 2)) end
    local said = {}
    if is_compressed(buffer) then
        if offset < buffer:len() then tree:add(fields.rest, buffer(offset)):add_proto_expert_info(packed) end
        packet.cols.info = "compressed"
        return buffer:len()
    end
    while offset < buffer:len() do
        local kind, length = command_at(buffer, offset)
        if not kind then
            tree:add(fields.rest, buffer(offset)):add_proto_expert_info(unreadable)
            break
        end
        show_command(buffer, offset, kind, length, tree)
        said[#said + 1] = commands[kind].name
        offset = offset + commands[kind].size + length
    end
    packet.cols.info = table.concat(said, ", ")
    return buffer:len()
end

-- Commands to the last byte, one at least: little else looks so.
local function is_enet(buffer)
    local offset = header_length(buffer)
    if not offset or is_compressed(buffer) or offset == buffer:len() then return false end
    while offset < buffer:len() do
        local kind, length = command_at(buffer, offset)
        if not kind then return false end
        offset = offset + commands[kind].size + length
    end
    return true
end

enet:register_heuristic("udp", function(buffer, packet, root)
    if not is_enet(buffer) then return false end
    enet.dissector(buffer, packet, root)
    return true
end)

-- For Decode As.
DissectorTable.get("udp.port"):add_for_decode_as(enet)
