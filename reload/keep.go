//go:build hotdev && cgo && (linux || darwin || freebsd)

package reload

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// keep is Keep.
func (a *agent) keep(o origin, key string, typ reflect.Type, init func() reflect.Value) reflect.Value {
	id := o.pkg + "\x00" + key
	a.mu.Lock()
	k, ok := a.kept[id]
	g := (*generation)(nil)
	if a.isOpening(o) {
		g = a.opening
		if mine, again := g.kept[id]; again {
			k, ok = mine, true
		}
	}
	a.mu.Unlock()

	var v reflect.Value
	note := ""
	switch {
	case !ok:
		v = init()
	case k.value.Type() == typ:
		return k.value
	case sameType(k.value.Type(), typ):
		// The memory itself is shared, old code and new see the same value.
		v = cast(k.value, typ)
	default:
		next, err := handOver(k.value, typ)
		if err != nil && g != nil {
			panic(refusal{reason: fmt.Sprintf("what package %s keeps as %q cannot be handed over: %v", o.pkg, key, err)})
		}
		if err != nil {
			next, note = init(), fmt.Sprintf("%q of package %s starts anew: %v", key, o.pkg, err)
		} else {
			note = fmt.Sprintf("%q of package %s was handed over as JSON: its type changed", key, o.pkg)
		}
		v = next
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case g != nil && a.opening == g:
		g.kept[id] = kept{v}
		if note != "" {
			g.notes = append(g.notes, note)
		}
	case !ok:
		if k, ok := a.kept[id]; ok && k.value.Type() == typ {
			return k.value // another goroutine was quicker
		}
		a.kept[id] = kept{v}
	default:
		a.kept[id] = kept{v}
	}
	return v
}

// handOver makes a value of type to that says in JSON what old says. An error
// means that this would lose something.
func handOver(old reflect.Value, to reflect.Type) (reflect.Value, error) {
	if err := lossless(old.Type(), old.Type().String(), map[reflect.Type]bool{}); err != nil {
		return reflect.Value{}, err
	}
	text, err := json.Marshal(old.Interface())
	if err != nil {
		return reflect.Value{}, err
	}
	v := reflect.New(to)
	if err := json.Unmarshal(text, v.Interface()); err != nil {
		return reflect.Value{}, err
	}
	return v.Elem(), nil
}

var (
	marshaler   = reflect.TypeFor[json.Marshaler]()
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
)

// lossless reports whether JSON carries all of a value of type t.
func lossless(t reflect.Type, where string, seen map[reflect.Type]bool) error {
	if seen[t] {
		return nil
	}
	seen[t] = true
	if t.PkgPath() == "sync" && (t.Name() == "Mutex" || t.Name() == "RWMutex") {
		return nil // the new value has a lock of its own
	}
	if p := reflect.PointerTo(t); t.Kind() != reflect.Pointer && p.Implements(marshaler) && p.Implements(unmarshaler) {
		return nil
	}
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return fmt.Errorf("%s is a %s, which JSON cannot say", where, t.Kind())
	case reflect.Interface:
		return fmt.Errorf("%s is an interface, and JSON would lose what is in it", where)
	case reflect.Array, reflect.Slice, reflect.Pointer:
		return lossless(t.Elem(), where, seen)
	case reflect.Map:
		if err := lossless(t.Key(), where+"'s keys", seen); err != nil {
			return err
		}
		return lossless(t.Elem(), where+"'s values", seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			name := where + "." + f.Name
			if isLock := f.Type.PkgPath() == "sync"; !f.IsExported() && !f.Anonymous && !isLock {
				return fmt.Errorf("%s is unexported, and JSON would lose it", name)
			}
			if f.Tag.Get("json") == "-" {
				return fmt.Errorf("%s is excluded from JSON", name)
			}
			if err := lossless(f.Type, name, seen); err != nil {
				return err
			}
		}
	}
	return nil
}
