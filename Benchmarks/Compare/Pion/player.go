package main

import (
	"strconv"
	"sync"

	"github.com/pion/datachannel"
	"github.com/pion/webrtc/v3"
)

// Messages that wait until the server has answered; more are lost.
const waitingLimit = 64

// One player: a peer connection and, from its first channel on, an ENet connection.
type player struct {
	pc     *webrtc.PeerConnection
	server *server
	id     int // what the server's loop calls it

	mutex    sync.Mutex
	channels [channelCount]datachannel.ReadWriteCloser
}

func newPlayer(pc *webrtc.PeerConnection, s *server) *player {
	p := &player{pc: pc, server: s}
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed || state == webrtc.PeerConnectionStateClosed {
			p.leave()
		}
	})
	pc.OnDataChannel(func(dc *webrtc.DataChannel) {
		number, err := strconv.Atoi(dc.Label())
		if err != nil || number < 0 || number >= channelCount {
			_ = dc.Close()
			return
		}
		reliable := dc.MaxRetransmits() == nil && dc.MaxPacketLifeTime() == nil
		dc.OnOpen(func() {
			raw, err := dc.Detach()
			if err != nil {
				return
			}
			p.mutex.Lock()
			p.channels[number] = raw
			p.mutex.Unlock()
			p.server.connect(p)
			p.read(raw, number, reliable)
		})
	})
	return p
}

// Passes on what the page sends until its channel ends, and the player with it.
func (p *player) read(raw datachannel.ReadWriteCloser, channel int, reliable bool) {
	buffer := make([]byte, messageLimit)
	for {
		n, _, err := raw.ReadDataChannel(buffer)
		if err != nil {
			p.leave()
			return
		}
		p.server.send(p, channel, reliable, buffer[:n])
	}
}

// Called by the server's loop.
func (p *player) receive(channel int, message []byte) {
	p.mutex.Lock()
	raw := p.channels[channel]
	p.mutex.Unlock()
	if raw != nil {
		_, _ = raw.WriteDataChannel(message, false)
	}
}

func (p *player) leave() {
	p.server.disconnect(p)
	_ = p.pc.Close()
}
