// A gateway on Pion, as one is written in an afternoon by who knows both sides: a baseline for Benchmarks/compare.
//
//	pion HTTP_ADDRESS:PORT UDP_ADDRESS:PORT SERVER_ADDRESS SERVER_PORT SERVERS
//
// POST /join/NAME takes an SDP offer and gives an answer. All players share one UDP port; each gets an ENet connection of
// its own to one of the servers, which are at as many ports from SERVER_PORT on and are taken in turn. A data channel's
// label is the number of its ENet channel. Prints "READY". Ends when its standard input does.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/webrtc/v3"
)

const (
	// Bytes of the largest offer, and of the largest message of a player's.
	offerLimit   = 64 << 10
	messageLimit = 17 << 10
	udpBuffer    = 4 << 20
)

type gateway struct {
	api          *webrtc.API
	certificates []webrtc.Certificate
	servers      []*server
	joins        uint32
}

func main() {
	if len(os.Args) != 6 {
		log.Fatal("pion HTTP_ADDRESS:PORT UDP_ADDRESS:PORT SERVER_ADDRESS SERVER_PORT SERVERS")
	}
	port, err := strconv.Atoi(os.Args[4])
	check(err)
	count, err := strconv.Atoi(os.Args[5])
	check(err)
	g := &gateway{api: makeAPI(os.Args[2])}
	// One for all: a key of its own for each would cost more than the rest of a join.
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	certificate, err := webrtc.GenerateCertificate(key)
	check(err)
	g.certificates = []webrtc.Certificate{*certificate}
	for i := 0; i < count; i++ {
		s, err := newServer(os.Args[3], port+i)
		check(err)
		g.servers = append(g.servers, s)
	}
	listener, err := net.Listen("tcp", os.Args[1])
	check(err)
	http.HandleFunc("/join/", g.join)
	go func() { check(http.Serve(listener, nil)) }()
	fmt.Println("READY")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func makeAPI(address string) *webrtc.API {
	local, err := net.ResolveUDPAddr("udp4", address)
	check(err)
	connection, err := net.ListenUDP("udp4", local)
	check(err)
	check(connection.SetReadBuffer(udpBuffer))
	check(connection.SetWriteBuffer(udpBuffer))
	settings := webrtc.SettingEngine{}
	settings.SetICEUDPMux(ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: connection}))
	settings.SetLite(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetICETimeouts(10*time.Second, 20*time.Second, 2*time.Second)
	// As browsers repeat a flight, where Pion alone would wait for a second.
	settings.SetDTLSRetransmissionInterval(100 * time.Millisecond)
	check(settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer))
	settings.DetachDataChannels()
	return webrtc.NewAPI(webrtc.WithSettingEngine(settings))
}

func (g *gateway) join(w http.ResponseWriter, r *http.Request) {
	offer, err := io.ReadAll(io.LimitReader(r.Body, offerLimit))
	if err != nil {
		return
	}
	pc, err := g.api.NewPeerConnection(webrtc.Configuration{Certificates: g.certificates})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	turn := int(atomic.AddUint32(&g.joins, 1))
	newPlayer(pc, g.servers[turn%len(g.servers)])
	answer, err := answer(pc, string(offer))
	if err != nil {
		_ = pc.Close()
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/sdp")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer)
}

func answer(pc *webrtc.PeerConnection, offer string) (string, error) {
	err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer})
	if err != nil {
		return "", err
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		return "", err
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}
