package live

// A symKind is the kind of a symbol (cmd/internal/objabi.SymKind).
type symKind uint8

const (
	kindText symKind = 1 + iota
	kindTextFIPS
	kindRodata
	kindRodataFIPS
	kindNoptrData
	kindNoptrDataFIPS
	kindData
	kindDataFIPS
	kindBSS
	kindNoptrBSS
	kindTLS
)

// symKindNames are the names of the kinds, in order. The toolchain's source must have
// the same.
var symKindNames = []string{"Sxxx", "STEXT", "STEXTFIPS", "SRODATA", "SRODATAFIPS", "SNOPTRDATA", "SNOPTRDATAFIPS", "SDATA", "SDATAFIPS", "SBSS", "SNOPTRBSS", "STLSBSS"}

func (k symKind) isText() bool   { return k == kindText || k == kindTextFIPS }
func (k symKind) isRodata() bool { return k == kindRodata || k == kindRodataFIPS }
func (k symKind) isVar() bool    { return k >= kindNoptrData && k <= kindNoptrBSS }
func (k symKind) noPointers() bool {
	return k == kindNoptrData || k == kindNoptrDataFIPS || k == kindNoptrBSS
}

// loaded reports whether symbols of the kind are part of the running program, and can
// be placed in an image.
func (k symKind) loaded() bool { return k >= kindText && k <= kindNoptrBSS }

// A relocKind is the way in which a place refers to a symbol
// (cmd/internal/objabi.RelocType).
type relocKind uint16

const relocWeak relocKind = 1 << 15

const (
	relAddr        relocKind = 1
	relAddrARM64   relocKind = 3
	relAddrOff     relocKind = 5
	relCall        relocKind = 7
	relCallARM64   relocKind = 9
	relCallInd     relocKind = 10
	relPCRel       relocKind = 14
	relTLS         relocKind = 15
	relUseIface    relocKind = 23
	relUseMethod   relocKind = 24 // of an interface
	relUseNamed    relocKind = 25 // a method of this name
	relMethodOff   relocKind = 26
	relKeep        relocKind = 27
	relTLSARM64    relocKind = 32
	relLoadStore8  relocKind = 37 // ARM64, PC-relative
	relLoadStore16 relocKind = 38
	relLoadStore32 relocKind = 39
	relLoadStore64 relocKind = 40
	relInitOrder   relocKind = 99 // from one init task to another
)

// relocNames are the names of these kinds, by number. The toolchain's source must have
// the same.
var relocNames = map[relocKind]string{
	relAddr: "R_ADDR", relAddrARM64: "R_ADDRARM64", relAddrOff: "R_ADDROFF", relCall: "R_CALL", relCallARM64: "R_CALLARM64",
	relCallInd: "R_CALLIND", relPCRel: "R_PCREL", relTLS: "R_TLS_LE", relUseIface: "R_USEIFACE", relUseMethod: "R_USEIFACEMETHOD",
	relUseNamed: "R_USENAMEDMETHOD", relMethodOff: "R_METHODOFF", relKeep: "R_KEEP", relTLSARM64: "R_ARM64_TLS_LE",
	relLoadStore8: "R_ARM64_PCREL_LDST8", relLoadStore16: "R_ARM64_PCREL_LDST16", relLoadStore32: "R_ARM64_PCREL_LDST32", relLoadStore64: "R_ARM64_PCREL_LDST64",
	relInitOrder: "R_INITORDER",
}

// An auxKind is the kind of a symbol that describes another one
// (cmd/internal/goobj.Aux*).
type auxKind uint8

const (
	auxGotype auxKind = iota
	auxFuncInfo
	auxFuncdata
	_ // DWARF
	_
	_
	_
	auxPcsp
	auxPcfile
	auxPcline
	auxPcinline
	auxPcdata
)

// auxNames are the names of these kinds, in order. The toolchain's source must have the
// same.
var auxNames = []string{"AuxGotype", "AuxFuncInfo", "AuxFuncdata", "AuxDwarfInfo", "AuxDwarfLoc", "AuxDwarfRanges", "AuxDwarfLines", "AuxPcsp", "AuxPcfile", "AuxPcline", "AuxPcinline", "AuxPcdata"}
