package main

/*
#cgo LDFLAGS: -lenet
#include <enet/enet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

// Until something comes from the server or is to go there, or libenet's timers are due.
static void wait_for_work(ENetHost *host, int wake, int timeout) {
	struct pollfd watched[2] = {{.fd = host->socket, .events = POLLIN}, {.fd = wake, .events = POLLIN}};
	poll(watched, 2, timeout);
	uint64_t count;
	if (watched[1].revents) (void)!read(wake, &count, sizeof count);
}

static void wake_up(int wake) {
	uint64_t one = 1;
	(void)!write(wake, &one, sizeof one);
}

// Sends, receives, and takes what there is; how many events it took.
static int serve(ENetHost *host, ENetEvent *events, int capacity) {
	enet_host_service(host, NULL, 0);
	int count = 0;
	while (count < capacity && enet_host_check_events(host, &events[count]) > 0) count++;
	return count;
}

static ENetPeer *connect_to(ENetHost *host, const char *address, int port, int channels, size_t number) {
	ENetAddress server = {.port = (enet_uint16)port};
	if (enet_address_set_host_ip(&server, address) != 0) return NULL;
	ENetPeer *peer = enet_host_connect(host, &server, channels, 0);
	if (peer) peer->data = (void *)number;
	return peer;
}

static size_t number_of(ENetPeer *peer) { return (size_t)peer->data; }

static void send_to(ENetPeer *peer, int channel, int reliable, const void *bytes, size_t count) {
	enet_uint32 flags = reliable ? ENET_PACKET_FLAG_RELIABLE : ENET_PACKET_FLAG_UNSEQUENCED;
	ENetPacket *packet = enet_packet_create(bytes, count, flags);
	if (packet && enet_peer_send(peer, (enet_uint8)channel, packet) != 0) enet_packet_destroy(packet);
}
*/
import "C"

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"
)

const (
	channelCount = 2
	peersOfHost  = 600
	eventsAtOnce = 256
	tick         = 10 // milliseconds
)

type orderKind int

const (
	connectOrder orderKind = iota
	sendOrder
	disconnectOrder
)

type order struct {
	kind     orderKind
	player   *player
	channel  int
	reliable bool
	message  []byte
}

// One game server: an ENet host with a connection for each player, served by one goroutine, which alone calls libenet.
type server struct {
	host    *C.ENetHost
	wake    C.int
	address *C.char
	port    int

	mutex  sync.Mutex
	orders []order

	// The loop's own.
	links map[*player]*link
	names map[C.size_t]*link
	count C.size_t
}

type link struct {
	player      *player
	peer        *C.ENetPeer
	isConnected bool
	waiting     []order
}

func newServer(address string, port int) (*server, error) {
	s := &server{
		host:    C.enet_host_create(nil, peersOfHost, channelCount, 0, 0),
		wake:    C.eventfd(0, C.EFD_NONBLOCK),
		address: C.CString(address),
		port:    port,
		links:   make(map[*player]*link),
		names:   make(map[C.size_t]*link),
	}
	if s.host == nil || s.wake < 0 {
		return nil, fmt.Errorf("no ENet host for port %d", port)
	}
	go s.run()
	return s, nil
}

func (s *server) connect(p *player) { s.put(order{kind: connectOrder, player: p}) }

func (s *server) disconnect(p *player) { s.put(order{kind: disconnectOrder, player: p}) }

func (s *server) send(p *player, channel int, reliable bool, message []byte) {
	s.put(order{sendOrder, p, channel, reliable, append([]byte(nil), message...)})
}

func (s *server) put(o order) {
	s.mutex.Lock()
	s.orders = append(s.orders, o)
	isFirst := len(s.orders) == 1
	s.mutex.Unlock()
	if isFirst {
		C.wake_up(s.wake)
	}
}

func (s *server) run() {
	runtime.LockOSThread()
	events := make([]C.ENetEvent, eventsAtOnce)
	var orders []order
	timeout := C.int(0)
	for {
		C.wait_for_work(s.host, s.wake, timeout)
		s.mutex.Lock()
		orders, s.orders = s.orders, orders[:0]
		s.mutex.Unlock()
		for i := range orders {
			s.obey(&orders[i])
			orders[i] = order{}
		}
		count := int(C.serve(s.host, &events[0], eventsAtOnce))
		for i := 0; i < count; i++ {
			s.handle(&events[i])
		}
		timeout = tick
		if count == eventsAtOnce {
			timeout = 0
		}
	}
}

func (s *server) obey(o *order) {
	l := s.links[o.player]
	switch o.kind {
	case connectOrder:
		if l != nil {
			return
		}
		s.count++
		peer := C.connect_to(s.host, s.address, C.int(s.port), channelCount, s.count)
		if peer == nil {
			go o.player.leave()
			return
		}
		l = &link{player: o.player, peer: peer}
		s.links[o.player] = l
		s.names[s.count] = l
	case sendOrder:
		if l == nil || len(o.message) == 0 {
			return
		}
		if l.isConnected {
			l.send(o)
		} else if len(l.waiting) < waitingLimit {
			l.waiting = append(l.waiting, *o)
		}
	case disconnectOrder:
		if l == nil {
			return
		}
		C.enet_peer_disconnect(l.peer, 0)
		s.forget(l)
	}
}

func (l *link) send(o *order) {
	reliable := C.int(0)
	if o.reliable {
		reliable = 1
	}
	C.send_to(l.peer, C.int(o.channel), reliable, unsafe.Pointer(&o.message[0]), C.size_t(len(o.message)))
}

func (s *server) handle(event *C.ENetEvent) {
	l := s.names[C.number_of(event.peer)]
	switch event._type {
	case C.ENET_EVENT_TYPE_CONNECT:
		if l == nil {
			return
		}
		l.isConnected = true
		for i := range l.waiting {
			l.send(&l.waiting[i])
		}
		l.waiting = nil
	case C.ENET_EVENT_TYPE_RECEIVE:
		if l != nil {
			data := unsafe.Slice((*byte)(unsafe.Pointer(event.packet.data)), int(event.packet.dataLength))
			l.player.receive(int(event.channelID), data)
		}
		C.enet_packet_destroy(event.packet)
	case C.ENET_EVENT_TYPE_DISCONNECT:
		if l != nil {
			s.forget(l)
			go l.player.leave()
		}
	}
}

func (s *server) forget(l *link) {
	delete(s.links, l.player)
	delete(s.names, C.number_of(l.peer))
}
