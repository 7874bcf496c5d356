package main

import (
	"fmt"
	"go/constant"
	"go/types"
	"slices"
	"strings"
)

// list returns a line for each name that the package exports, sorted: constants with
// their values, variables, functions, types, fields and methods. Methods and fields that
// come from an embedded type are among them. Names of parameters are not.
func list(p *types.Package) []string {
	l := lister{pkg: p}
	for _, name := range p.Scope().Names() {
		if obj := p.Scope().Lookup(name); obj.Exported() {
			l.object(obj)
		}
	}
	slices.Sort(l.lines)
	return l.lines
}

type lister struct {
	pkg   *types.Package
	lines []string
}

func (l *lister) add(format string, args ...any) {
	path := l.pkg.Path()
	if i := strings.Index(path, "labdsr/labdsr/"); i >= 0 {
		path = path[i+len("labdsr/labdsr/"):]
	}
	l.lines = append(l.lines, path+": "+fmt.Sprintf(format, args...))
}

// text returns a type as the package writes it.
func (l *lister) text(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == l.pkg {
			return ""
		}
		return p.Name()
	})
}

func (l *lister) object(obj types.Object) {
	switch obj := obj.(type) {
	case *types.Const:
		value := ""
		if v := obj.Val().ExactString(); obj.Val().Kind() != constant.String || len(v) <= 80 { // longer ones are prose
			value = " = " + v
		}
		l.add("const %s %s%s", obj.Name(), l.text(obj.Type()), value)
	case *types.Var:
		l.add("var %s %s", obj.Name(), l.text(obj.Type()))
	case *types.Func:
		l.add("func %s%s", obj.Name(), l.signature(obj))
	case *types.TypeName:
		l.typeName(obj)
	}
}

// signature returns the signature of a function without the names of its parameters.
func (l *lister) signature(f *types.Func) string {
	s := f.Signature()
	params := slices.Collect(s.TypeParams().TypeParams())
	unnamed := func(tuple *types.Tuple) *types.Tuple {
		var vars []*types.Var
		for v := range tuple.Variables() {
			vars = append(vars, types.NewParam(0, nil, "", v.Type()))
		}
		return types.NewTuple(vars...)
	}
	text := l.text(types.NewSignatureType(nil, nil, nil, unnamed(s.Params()), unnamed(s.Results()), s.Variadic()))
	text = strings.TrimPrefix(text, "func")
	if len(params) == 0 {
		return text
	}
	return l.params(s.TypeParams()) + text
}

// params returns type parameters with their constraints.
func (l *lister) params(list *types.TypeParamList) string {
	var texts []string
	for p := range list.TypeParams() {
		texts = append(texts, p.Obj().Name()+" "+l.text(p.Constraint()))
	}
	if texts == nil {
		return ""
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func (l *lister) typeName(obj *types.TypeName) {
	if obj.IsAlias() {
		l.add("type %s = %s", obj.Name(), l.text(types.Unalias(obj.Type())))
		return
	}
	named := obj.Type().(*types.Named)
	name := obj.Name()
	declared := name + l.params(named.TypeParams())
	comparable := ""
	if !types.Comparable(named) {
		comparable = ", not comparable"
	}
	switch under := named.Underlying().(type) {
	case *types.Struct:
		l.add("type %s struct%s", declared, comparable)
		for i := range under.NumFields() {
			field, how := under.Field(i), ""
			if !field.Exported() {
				continue
			}
			if field.Embedded() {
				how = ", embedded"
			}
			if tag := under.Tag(i); tag != "" {
				how += " `" + tag + "`"
			}
			l.add("field %s.%s %s%s", name, field.Name(), l.text(field.Type()), how)
		}
	case *types.Interface:
		l.add("type %s %s", declared, l.text(under))
		return // its methods are in the line
	default:
		l.add("type %s %s%s", declared, l.text(under), comparable)
	}
	values := types.NewMethodSet(named)
	for method := range types.NewMethodSet(types.NewPointer(named)).Methods() {
		if f := method.Obj().(*types.Func); f.Exported() {
			receiver := "*" + name
			if values.Lookup(l.pkg, f.Name()) != nil {
				receiver = name
			}
			l.add("method (%s) %s%s", receiver, f.Name(), l.signature(f))
		}
	}
}
